package pages

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/invites"
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
			one("a@x.example\t\tLab", "a@x.example", "", "Lab"), one("b@x.example", "b@x.example", "", "")}},
		{"a header after a typed line", "ada@x.example\n\ufeffEmail,Role\nb@x.example,viewer", []personLine{
			one("ada@x.example", "ada@x.example", "", ""), one("b@x.example\tviewer", "b@x.example", "viewer", "")}},
		{"a team named like a column", "ada@x.example,member,Mail\nb@x.example,admin,Lab", []personLine{
			one("ada@x.example,member,Mail", "ada@x.example", "member", "Mail"),
			one("b@x.example,admin,Lab", "b@x.example", "admin", "Lab")}},
		{"addresses that a header makes something else", "Email,Manager\nb@x.example,boss@x.example", []personLine{
			one("b@x.example", "b@x.example", "", "")}},
		{"empty cells between tabs", "Name\tRole\tEmail\n\t\ta@x.example\nBob\t\tb@x.example", []personLine{
			one("a@x.example", "a@x.example", "", ""), one("b@x.example", "b@x.example", "", "")}},
		{"what is no address", "ada", []personLine{one("ada", "ada", "", "")}},
	} {
		if got := parsePeople(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// What is put back into the form, without the header above it, says the same again.
func TestParsePeople_again(t *testing.T) {
	for _, row := range []string{
		`a@x.example,,"R&D, Berlin"`, `a@x.example,viewer,"R; D"`, `a@x.example,,"The ""Lab"""`, `a@x.example,member,`, `a@x.example,,`,
	} {
		first := parsePeople("Email,Role,Team\n" + row)[0]
		if again := parsePeople(first.Raw); len(again) != 1 || again[0] != first {
			t.Errorf("%s is %+v, and then %+v", row, first, again)
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

// A line that is all of a long text is told in brief, and is in the form as a whole.
func TestOutcome_longLine(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	o := visit{r: httptest.NewRequest("POST", "/acme/team", nil)}.outcome([]personLine{{Raw: long}}, nil, []invites.Result{{Err: invites.ErrTeamGone}}, sentInvites{})
	if line := o.Rows[0].Line; line != long[:2*maxBrief]+"…" || o.Form.People != long {
		t.Errorf("%d bytes are told, %d are in the form", len(line), len(o.Form.People))
	}
}
