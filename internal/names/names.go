// Package names holds the rules for what people call things: organizations, teams, keys
// and themselves. Names end up in mails to strangers, so they carry no links and no
// control characters, and they are short.
package names

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// MaxLength of a name, in characters.
const MaxLength = 64

// link finds what a mail program would turn into a link: a scheme, "www.", or a word
// with a dot before two or more letters ("evil.example").
var link = regexp.MustCompile(`(?i)://|\bwww\.|[\pL\pN]\.\pL{2,}`)

// Clean returns the name in its one form (NFC, single spaces, trimmed), or the fault of
// the field at location.
func Clean(location, name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", fault.BadField(location, "This is not valid text.")
	}
	if strings.ContainsFunc(name, isHidden) {
		return "", fault.BadField(location, "Control and invisible characters are not allowed.")
	}
	name = strings.Join(strings.Fields(norm.NFC.String(name)), " ")
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", fault.BadField(location, "A name is needed.")
	case n > MaxLength:
		return "", fault.BadField(location, "A name has at most 64 characters.")
	case link.MatchString(name):
		return "", fault.BadField(location, "Links and domain names are not allowed in names.")
	}
	return name, nil
}

// isHidden finds characters that change how the text around them reads: controls, line
// breaks, direction overrides and zero-width marks (categories C, Zl and Zp). The
// joiners that some scripts and emoji need are let through.
func isHidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}
