package pages

import (
	"slices"
	"strings"
	"testing"
)

func TestParsePeople(t *testing.T) {
	one := func(raw, email, role, team string) personLine { return personLine{raw, email, role, team} }
	for _, c := range []struct {
		name, text string
		want       []personLine
	}{
		{"nothing", " \r\n\n", nil},
		{"an address", " ada@x.example ", []personLine{one("ada@x.example", "ada@x.example", "", "")}},
		{"blanks and commas", "a@x.example b@x.example\nc@x.example, d@x.example", []personLine{
			one("a@x.example", "a@x.example", "", ""), one("b@x.example", "b@x.example", "", ""),
			one("c@x.example", "c@x.example", "", ""), one("d@x.example", "d@x.example", "", "")}},
		{"from a mail program", "Ada <ada@x.example>; Bob <bob@x.example>", []personLine{
			one("Ada <ada@x.example>", "ada@x.example", "", ""), one("Bob <bob@x.example>", "bob@x.example", "", "")}},
		{"columns", "a@x.example,Admin,R&D\nb@x.example\tviewer", []personLine{
			one("a@x.example,Admin,R&D", "a@x.example", "Admin", "R&D"), one("b@x.example\tviewer", "b@x.example", "viewer", "")}},
		{"a header", "\ufeffTeam;Name;E-Mail\nLab;Ada;a@x.example\n;\"B; C\";b@x.example", []personLine{
			one("a@x.example, , Lab", "a@x.example", "", "Lab"), one("b@x.example", "b@x.example", "", "")}},
		{"what is no address", "ada", []personLine{one("ada", "ada", "", "")}},
	} {
		if got := parsePeople(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// FuzzParsePeople: whatever is pasted, no line break gets into a line, and nobody is
// invited by a line that the form cannot show again.
func FuzzParsePeople(f *testing.F) {
	for _, seed := range []string{
		"", "ada@x.example", "a@x.example, b@x.example", "Ada <ada@x.example>", "\ufeffTeam;Name;E-Mail\nLab;Ada;a@x.example",
		"a@x.example,Admin,R&D", "email\n=cmd|'/c'!A0", "\"a\r\nb\",c", "<<>>@", "a\tb;c,d\x00", "\xff\xfe", "email,email\na,b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, l := range parsePeople(text) {
			if l.Raw == "" && l.Email+l.Role+l.Team != "" || strings.ContainsAny(l.Raw+l.Email+l.Role+l.Team, "\r\n") {
				t.Errorf("%q became %+v", text, l)
			}
		}
	})
}

func TestDevice(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                  "Safari on macOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0":              "Edge on Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
		"curl/8.5.0": "curl", "node": "node", "": "Unknown device",
	} {
		if got := device(agent); got != want {
			t.Errorf("%q is %q, want %q", agent, got, want)
		}
	}
}
