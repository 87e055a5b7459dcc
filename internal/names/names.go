// Package names holds the rules for what people call things: organizations, teams, keys
// and themselves. Names end up in mails to strangers, so they carry no links and no
// control characters, and they are short.
package names

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// MaxLength of a name, in characters.
const MaxLength = 64

// link finds what a mail program would turn into a link: a scheme, "www.", or a word
// with a dot before two or more letters ("evil.example"). Browsers take the dots of East
// Asian scripts for dots.
var link = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)://|\bwww[.。．｡]|[\pL\pN][.。．｡]\pL{2,}`)
})

// Clean returns the name in its one form (NFC, single spaces, trimmed), or the fault of
// the field at location.
func Clean(location, name string) (string, error) {
	if strings.ContainsRune(name, utf8.RuneError) { // what does not decode, here or as JSON
		return "", fault.BadField(location, "This is not valid text.")
	}
	if strings.ContainsFunc(name, isHidden) {
		return "", fault.BadField(location, "Control and invisible characters are not allowed.")
	}
	name = oneForm(name)
	switch {
	case strings.Trim(name, joiners+" ") == "":
		return "", fault.BadField(location, "A name is needed.")
	case utf8.RuneCountInString(name) > MaxLength:
		return "", fault.BadField(location, "A name has at most 64 characters.")
	case link().MatchString(name):
		return "", fault.BadField(location, "Links and domain names are not allowed in names.")
	}
	return name, nil
}

// Fold returns a name, or the start of one, in the form in which names are searched: its
// one form, without regard to case.
func Fold(name string) string { return strings.ToLower(oneForm(name)) }

func oneForm(name string) string { return strings.Join(strings.Fields(norm.NFC.String(name)), " ") }

// joiners are needed inside of words by some scripts, and by emoji. They show nothing.
const joiners = "\u200c\u200d"

// isHidden finds characters that change how the text around them reads: controls, line
// breaks, direction overrides and zero-width marks (categories C, Zl and Zp), but for
// joiners.
func isHidden(r rune) bool {
	if strings.ContainsRune(joiners, r) {
		return false
	}
	return unicode.In(r, unicode.C, unicode.Zl, unicode.Zp)
}
