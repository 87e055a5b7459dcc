package secret

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/ident"
)

func TestNewKey(t *testing.T) {
	form, seen := regexp.MustCompile(`^sk-nemo-[0-9A-Za-z]{43}$`), map[string]bool{}
	for range 1000 {
		key := NewKey("sk-nemo-")
		if !form.MatchString(key) || seen[key] {
			t.Fatalf("%q", key)
		}
		seen[key] = true
	}
}

// LiteLLM finds our keys by this form: hex SHA-256 of the whole string.
func TestHash(t *testing.T) {
	sum := sha256.Sum256([]byte("sk-nemo-x"))
	if got := Hash("sk-nemo-x"); got != hex.EncodeToString(sum[:]) || got != strings.ToLower(got) {
		t.Errorf("got %s", got)
	}
}

func TestParseToken(t *testing.T) {
	ids := []string{ident.New(time.Now()), ident.New(time.Now()), ident.New(time.Now())}
	for n := range len(ids) + 1 {
		token := NewToken("kind_", ids[:n]...)
		got, ok := ParseToken("kind_", n, token)
		if !ok || !slices.Equal(got.IDs, ids[:n]) || got.Hash != Hash(token) {
			t.Errorf("%s with %d ids: %v, %t", token, n, got, ok)
		}
		for _, bad := range []string{
			"", token[:len(token)-1], token + "A", "other" + token[4:], strings.TrimPrefix(token, "kind_"), token + "=", token + "\n", token[:len(token)-1] + "\n", "kind_" + strings.Repeat("\r", len(token)-5), token[:len(token)-1] + "+",
		} {
			if _, ok := ParseToken("kind_", n, bad); ok {
				t.Errorf("%q passes for a token", bad)
			}
		}
		if _, ok := ParseToken("kind_", n+1, token); ok {
			t.Errorf("a token of %d ids passes for one of %d", n, n+1)
		}
	}
}

// FuzzParseToken: a token that is read is the one form of what it carries. No two strings
// are the same token.
func FuzzParseToken(f *testing.F) {
	id := ident.New(time.Now())
	f.Add("kind_", 1, NewToken("kind_", id))
	f.Add("", 0, NewToken(""))
	f.Add("kind_", 2, NewToken("kind_", id, id))
	f.Add("kind_", 0, "kind_"+strings.Repeat("_", 43))
	f.Add("kind_", 1, "kind_"+strings.Repeat("\n", 64))
	f.Add("kind_", 1, "kind_"+strings.Repeat("0", 30)+"\r"+strings.Repeat("0", 12)+"\n"+strings.Repeat("0", 20))
	f.Fuzz(func(t *testing.T, kind string, n int, s string) {
		if n < 0 || n > 8 {
			return
		}
		token, ok := ParseToken(kind, n, s)
		if !ok {
			return
		}
		if len(token.IDs) != n || token.Hash != Hash(s) {
			t.Fatalf("%q: %v", s, token)
		}
		for _, id := range token.IDs {
			if !ident.Valid(id) {
				t.Errorf("%q carries %q", s, id)
			}
		}
		if len(s) != len(NewToken(kind, token.IDs...)) || !strings.HasPrefix(s[len(kind):], NewToken("", token.IDs...)[:n*idBytes/3*4]) {
			t.Errorf("%q is not how its ids are written", s)
		}
	})
}
