package sesmail

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
)

const maxRecipients = 50

func missing(what string) *Error {
	return refuse("ValidationError",
		"1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", what)
}

func checkRecipients(recipients []string) error {
	switch n := len(recipients); {
	case n == 0:
		return missing("destination")
	case n > maxRecipients:
		return refuse("InvalidParameterValue", "Recipient count exceeds %d.", maxRecipients)
	}
	return checkAddresses(recipients)
}

// checkAddresses holds the rule that hurts most when it is forgotten: an
// address is printable ASCII. International names need RFC 2047, international
// domains Punycode, and international local parts are not supported by SES.
func checkAddresses(addresses []string) error {
	for _, a := range addresses {
		if strings.ContainsFunc(a, func(r rune) bool { return r < ' ' || r > '~' }) {
			return refuse("InvalidParameterValue", "Address contains control or non-ASCII characters: %q", a)
		}
		if _, err := mail.ParseAddress(a); err != nil {
			return refuse("InvalidParameterValue", "Illegal address %q: %v", a, err)
		}
	}
	return nil
}

// bareAddresses strips the display names off addresses that were checked.
func bareAddresses(addresses []string) []string {
	bare := make([]string, 0, len(addresses))
	for _, a := range addresses {
		if parsed, err := mail.ParseAddress(a); err == nil {
			bare = append(bare, parsed.Address)
		}
	}
	return bare
}

func checkSubject(subject string) error {
	if strings.ContainsFunc(subject, unicode.IsControl) {
		return refuse("InvalidParameterValue", "Subject contains control characters: %q", subject)
	}
	return nil
}

var tagPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

func checkTags(tags map[string]string) error {
	for name, value := range tags {
		if !tagPattern.MatchString(name) || !tagPattern.MatchString(value) {
			return refuse("InvalidParameterValue",
				"Invalid tag %q=%q: only ASCII letters, digits, '_' and '-', at most 256 of them", name, value)
		}
	}
	return nil
}
