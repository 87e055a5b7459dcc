package names

import (
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/nemorouter/nemo-team/internal/fault"
)

const (
	minSlug = 3
	maxSlug = 40
)

var slugForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
})

// reserved are first path segments of the dashboard, which an org's slug would shadow.
var reserved = map[string]bool{
	"api": true, "assets": true, "docs": true, "health": true, "invite": true, "login": true,
	"openapi": true, "signin": true, "signout": true, "signup": true, "static": true, "v1": true, "www": true,
}

// CheckSlug returns the fault of the field at location unless slug can stand in a path:
// 3 to 40 of a–z, 0–9 and single hyphens inside.
func CheckSlug(location, slug string) error {
	switch {
	case len(slug) < minSlug || len(slug) > maxSlug || !slugForm().MatchString(slug):
		return fault.BadField(location, "A slug is 3 to 40 lower-case letters, digits and single hyphens.")
	case reserved[slug]:
		return fault.BadField(location, "This slug is reserved.")
	}
	return nil
}

// Slug derives a slug from a name. What the name cannot give is filled up: the result is
// always valid, but not always free.
func Slug(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(norm.NFKD.String(name)) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent that NFKD split off
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	slug := strings.Trim(b.String()[:min(b.Len(), maxSlug-suffixLength)], "-")
	if CheckSlug("", slug) != nil {
		slug = strings.Trim("org-"+slug, "-")
	}
	return slug
}

// suffixLength leaves room for what WithSuffix adds.
const suffixLength = 7

// WithSuffix returns a variant of slug that is almost surely free: its random tail is the
// end of an id.
func WithSuffix(slug, id string) string {
	return slug + "-" + id[len(id)-suffixLength+1:]
}
