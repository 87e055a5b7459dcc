// Package address gives every email address its one form.
//
// Addresses are normalised once, where they enter, and only that form is compared,
// stored and mailed to: two spellings of a mailbox cannot become two people, and a
// look-alike cannot become another's address (Django CVE-2019-19844).
package address

import (
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Limits of RFC 5321, section 4.5.3.1, in octets.
const (
	maxLocal = 64
	maxTotal = 254
)

// ErrInvalid is the fault of every address that has no normal form.
var ErrInvalid = fault.BadField("body.email", "This is not an email address that we can write to.")

var domains = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.StrictDomainName(true),
	idna.VerifyDNSLength(true),
	idna.Transitional(false),
)

// Normalise trims s, brings it to NFC and lower case, and its domain to ASCII (IDNA).
// The local part must be ASCII as it comes: lower case and NFC would turn the İ of Turkish
// and the kelvin sign into the i and k of somebody else. It returns ErrInvalid for anything
// else than one mailbox at a domain with at least two labels.
func Normalise(s string) (string, error) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || !validLocal(s[:at]) {
		return "", ErrInvalid
	}
	domain, err := domains.ToASCII(strings.ToLower(norm.NFC.String(s[at+1:])))
	if err != nil || !validDomain(domain) {
		return "", ErrInvalid
	}
	if s = strings.ToLower(s[:at]) + "@" + domain; len(s) > maxTotal {
		return "", ErrInvalid
	}
	return s, nil
}

// validLocal accepts a dot-atom (RFC 5322, section 3.2.3). Quoted local parts are legal
// and unheard of; refusing them keeps spaces and quotes out of headers.
func validLocal(s string) bool {
	if len(s) > maxLocal || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, c := range []byte(s) {
		if !isAtom(c) && c != '.' {
			return false
		}
	}
	return true
}

func isAtom(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	default:
		return c > ' ' && strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
	}
}

// validDomain refuses what IDNA lets through and mail does not reach: one label only,
// a trailing dot, an IP address.
func validDomain(s string) bool {
	if !strings.Contains(s, ".") || strings.HasSuffix(s, ".") {
		return false
	}
	_, err := netip.ParseAddr(s)
	return err != nil
}
