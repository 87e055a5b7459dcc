package address

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
)

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"ada@example.com":                 "ada@example.com",
		" Ada.Lovelace@EXAMPLE.Com\r\n":   "ada.lovelace@example.com",
		"a+b_c-d!#$%&'*/=?^`{|}~@a.b":     "a+b_c-d!#$%&'*/=?^`{|}~@a.b",
		"ida@bücher.example":              "ida@xn--bcher-kva.example",
		"ida@bu\u0308cher.example":        "ida@xn--bcher-kva.example",
		"ida@straße.example":              "ida@xn--strae-oqa.example", // not strasse: IDNA 2008
		"eve@ＥＸＡＭＰＬＥ。org":                 "eve@example.org",
		"x@xn--bcher-kva.example":         "x@xn--bcher-kva.example",
		strings.Repeat("a", 64) + "@b.de": strings.Repeat("a", 64) + "@b.de",
	} {
		if got, err := Normalise(in); got != want || err != nil {
			t.Errorf("%q became %q (%v), want %q", in, got, err, want)
		}
	}
}

// Letters that lower case or NFC turns into ASCII are somebody else's.
func TestNormalise_lookAlikes(t *testing.T) {
	for _, in := range []string{
		"adm\u0130n@example.com", "\u212Aate@example.com", "\u0430lice@example.com", "\u017Fam@example.com", "\uff41@example.com",
	} {
		if got, err := Normalise(in); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q became %q", in, got)
		}
	}
}

// FuzzNormalise: whatever goes in, what comes out is one plain ASCII address that any mail
// program reads as itself, and its own normal form.
func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{
		"", "@", "a@b.c", "A@B.C", " ada@bücher.example ", "a@b", "a@[::1]", "a@1.2.3.4", "a..b@c.d", "adm\u0130n@example.com",
		"a@b.c\r\nBcc: d@e.f", "\"a b\"@c.d", "a@xn--a.b", "a@b\u00ad.c", "a@b\u3002c", "\xff@\xfe.c", strings.Repeat("a", 300) + "@b.c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, err := Normalise(in)
		if err != nil {
			if out != "" || !errors.Is(err, ErrInvalid) {
				t.Fatalf("%q: %q, %v", in, out, err)
			}
			return
		}
		if len(out) > maxTotal || strings.ToLower(out) != out || strings.ContainsFunc(out, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("%q became %q", in, out)
		}
		if again, err := Normalise(out); again != out || err != nil {
			t.Errorf("%q became %q, and that %q (%v)", in, out, again, err)
		}
		if parsed, err := mail.ParseAddress("<" + out + ">"); err != nil || parsed.Address != out {
			t.Errorf("%q became %q, which others read as %v (%v)", in, out, parsed, err)
		}
	})
}
