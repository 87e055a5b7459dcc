package names

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"Acme":                        "Acme",
		"  two \u00a0 spaces ":        "two spaces",
		"Cafe\u0301":                  "Café",
		"می\u200cخواهم":               "می\u200cخواهم",
		"👩\u200d🔬":                    "👩\u200d🔬",
		"v2.0, 3.5%, A. B.":           "v2.0, 3.5%, A. B.",
		strings.Repeat("é", 64):       strings.Repeat("é", 64),
		strings.Repeat("e\u0301", 64): strings.Repeat("é", 64),
	} {
		if got, err := Clean("body.name", in); got != want || err != nil {
			t.Errorf("%q became %q (%v), want %q", in, got, err, want)
		}
	}
}

func TestClean_refuses(t *testing.T) {
	for why, in := range map[string]string{
		"empty": "", "spaces": " \u00a0 ", "joiners": "\u200d \u200c", "too long": strings.Repeat("é", 65), "NUL": "a\x00", "LF": "a\nb",
		"C1 control": "a\u0085b", "line separator": "a\u2028b", "override": "a\u202eb", "isolate": "a\u2066b", "soft hyphen": "a\u00adb",
		"private use": "a\ue000b", "not text": "a\xffb", "replacement": "a\ufffdb", "URL": "http://x", "www": "WWW.x", "domain": "x.example",
		"domain in words": "go to x.example now", "address": "a@b.example", "full-width dot": "x．example", "ideographic dot": "x。example", "half-width dot": "x｡example",
		"letters of another script": "пример.рф",
	} {
		if got, err := Clean("body.name", in); err == nil || got != "" {
			t.Errorf("%s: %q became %q", why, in, got)
		}
	}
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"Acme": "acme", "Acme & Söhne GmbH": "acme-sohne-gmbh", "  --x--  ": "org-x", "株式会社": "org", "AB": "org-ab", "API": "org-api", "v1": "org-v1",
		"12345": "12345", "Zoë": "zoe", "ﬁne Łabs": "fine-abs", strings.Repeat("a", 64): strings.Repeat("a", 33), "": "org", "\x7f": "org",
	} {
		if got := Slug(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// FuzzClean: a clean name stays as it is, is short text without anything hidden, and gives
// a slug that is valid, with a suffix too.
func FuzzClean(f *testing.F) {
	for _, seed := range []string{"Acme", " a  b ", "e\u0301", "\u200d", "x.example", "a\u202eb", "\xff", strings.Repeat("\u0344", 40), "ﷺ", "İ", "㎀", "---", "\u1161\u11a8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		name, err := Clean("body.name", in)
		if err != nil {
			return
		}
		if again, err := Clean("body.name", name); again != name || err != nil {
			t.Errorf("%q became %q, and that %q (%v)", in, name, again, err)
		}
		if n := utf8.RuneCountInString(name); n == 0 || n > MaxLength || !norm.NFC.IsNormalString(name) || strings.ContainsFunc(name, isHidden) {
			t.Errorf("%q became %q", in, name)
		}
		slug := Slug(name)
		if err := CheckSlug("", slug); err != nil {
			t.Errorf("the slug of %q is %q", name, slug)
		}
		if err := CheckSlug("", WithSuffix(slug, "01a20979-f827-7424-ba8a-b106bd1138a0")); err != nil {
			t.Errorf("the slug of %q with a suffix is %q", name, WithSuffix(slug, "01a20979-f827-7424-ba8a-b106bd1138a0"))
		}
	})
}

// FuzzSlug: whatever an org is called, its slug can stand in a path, and so can a variant.
func FuzzSlug(f *testing.F) {
	for _, seed := range []string{"", "Acme", "株式会社", "a", "api", "--", "É", "ﬁ", "İ", "㎆", strings.Repeat("x-", 50), "v1", "\xff", "org"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		slug := Slug(name)
		for _, s := range []string{slug, WithSuffix(slug, "01a20a14-d77a-7666-80b6-a7286c3a1d0b")} {
			if err := CheckSlug("", s); err != nil {
				t.Errorf("%q became %q: %v", name, s, err)
			}
		}
	})
}
