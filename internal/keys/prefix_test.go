package keys

import (
	"strings"
	"testing"
)

func TestPrefix_Check(t *testing.T) {
	for _, good := range []Prefix{DefaultPrefix, "sk-", "sk-acme-", "sk-acme-eu-1-", Prefix("sk-" + strings.Repeat("a", 28) + "-")} {
		if err := good.Check(); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []Prefix{"", "sk", "acme-", "SK-acme-", "sk-Acme-", "sk-acme", "sk_acme-", "sk-acme_-", "sk- -", "sk-é-", "sk-\n-", Prefix("sk-" + strings.Repeat("a", 29) + "-")} {
		if bad.Check() == nil {
			t.Errorf("%q passes", bad)
		}
	}
}

// What is shown of a key is as much behind a long prefix as behind a short one.
func TestPrefix_shown(t *testing.T) {
	for _, p := range []Prefix{"sk-", DefaultPrefix, "sk-acme-eu-1-"} {
		var k Key
		plain := k.newSecret(p)
		if len(plain) != len(p)+43 || !strings.HasPrefix(plain, string(p)) || k.Start != plain[:len(p)+4] || k.End != plain[len(plain)-4:] {
			t.Errorf("%q: %q … %q of %q", p, k.Start, k.End, plain)
		}
	}
}
