package apitest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// plain is what secrets look like before they are hashed; keys may have any prefix.
var plain = regexp.MustCompile(`nemo_(?:invite|session|link)_[\w-]{40,}|\bsk-(?:[0-9a-z]+-)*[0-9A-Za-z]{43}\b`)

var isHash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// hashesOnly is invariant 9, as far as the rows show it: where a secret's hash must be, there
// is one. That the secrets themselves are nowhere, Leaks finds out.
func hashesOnly(b Books, f *finds) {
	for _, s := range b.Sessions {
		f.unless(isHash.MatchString(s.Text("hash")), "session %s has the hash %q", s.Text("id"), s.Text("hash"))
	}
	b.eachOrg(func(_ string, o *OrgBooks) {
		for _, kind := range []map[string]Row{o.Keys, o.Invitations} {
			for id, r := range kind {
				f.unless(isHash.MatchString(r.Text("hash")), "%s has the hash %q", id, r.Text("hash"))
			}
		}
	})
}

// Leaks finds what breaks invariant 9: secrets in rows, by their form and as they were
// mailed, and those that were answered twice, or answered at all where only mail may say
// them.
func (w *World) Leaks(rows []Row) []string {
	f := finds{number: 9}
	tokens := w.Mail.tokens()
	for _, r := range rows {
		eachText(r, func(s string) {
			f.unless(!(strings.Contains(s, "nemo_") || strings.Contains(s, "sk-")) || !plain.MatchString(s), "%s / %s holds a secret", r.Text("pk"), r.Text("sk"))
			f.unless(!tokens[s], "%s / %s holds a mailed token", r.Text("pk"), r.Text("sk"))
		})
	}
	w.shown.mu.Lock()
	defer w.shown.mu.Unlock()
	f.found = append(f.found, w.shown.leaks...)
	return f.sorted()
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case Row:
		for _, part := range v {
			eachText(part, visit)
		}
	case map[string]any:
		for name, part := range v {
			visit(name)
			eachText(part, visit)
		}
	case []any:
		for _, part := range v {
			eachText(part, visit)
		}
	}
}

// tokens are all that were mailed.
func (m *Mail) tokens() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	tokens := map[string]bool{}
	for _, s := range m.sent {
		if s.Token != "" {
			tokens[s.Token] = true
		}
	}
	return tokens
}

// shown are the secrets that the API answered, in order, and what was wrong with that.
type shown struct {
	mu      sync.Mutex
	secrets []string
	leaks   []string
}

// note looks at an answer of the API.
func (s *shown) note(r *Reply) {
	if !strings.Contains(r.Header.Get("Content-Type"), "json") || !bytes.Contains(r.Body, []byte("nemo")) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := finds{number: 9}
	for _, secret := range plain.FindAllString(string(r.Body), -1) {
		mailed := strings.HasPrefix(secret, "nemo_invite_") || strings.HasPrefix(secret, "nemo_link_")
		f.unless(!mailed, "an answer holds a token that only mail may hold: %s", r.Body)
		f.unless(!slices.Contains(s.secrets, secret), "a secret was answered twice: %s", r.Body)
		s.secrets = append(s.secrets, secret)
	}
	s.leaks = append(s.leaks, f.found...)
}

// all are the secrets that were answered until now.
func (s *shown) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secrets)
}

// Forget forgets what was mailed and answered, so that another story can begin.
func (w *World) Forget() {
	w.shown.mu.Lock()
	defer w.shown.mu.Unlock()
	w.shown.secrets, w.shown.leaks = nil, nil
	w.Mail.mu.Lock()
	defer w.Mail.mu.Unlock()
	w.Mail.sent, w.Mail.fail = nil, nil
}

func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
