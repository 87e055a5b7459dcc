package keys

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/secret"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestKey_secret(t *testing.T) {
	form := regexp.MustCompile(`^sk-nemo-[0-9A-Za-z]{43}$`)
	seen := map[string]bool{}
	for range 1000 {
		var k Key
		plain := k.newSecret(DefaultPrefix)
		sum := sha256.Sum256([]byte(plain))
		if !form.MatchString(plain) || seen[plain] || k.Hash != hex.EncodeToString(sum[:]) {
			t.Fatalf("%q", plain)
		}
		if !strings.HasPrefix(plain, k.Start) || !strings.HasSuffix(plain, k.End) || len(k.Start)+len(k.End) > len(DefaultPrefix)+8 {
			t.Fatalf("%q … %q of %q", k.Start, k.End, plain)
		}
		seen[plain] = true
	}
}

// LiteLLM: hashlib.sha256(key.encode()).hexdigest()
func TestHash_isLiteLLMs(t *testing.T) {
	const key, want = "sk-1234", "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"
	if got := secret.Hash(key); got != want {
		t.Error(got)
	}
}

func TestKey_ends(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		key            Key
		ended, expired bool
	}{
		{Key{}, false, false},
		{Key{RevokedAt: now}, true, false},
		{Key{RevokedAt: now.Add(s)}, true, false}, // by a clock ahead of ours
		{Key{GraceUntil: now.Add(s)}, false, false},
		{Key{GraceUntil: now}, true, false},
		{Key{GraceUntil: now.Add(-s)}, true, false},
		{Key{PreviousUntil: now.Add(-s)}, false, false}, // of another secret
		{Key{ExpiresAt: now.Add(s)}, false, false},
		{Key{ExpiresAt: now}, false, true},
		{Key{ExpiresAt: now.Add(-s)}, false, true},
	} {
		if c.key.Ended(now) != c.ended || c.key.Expired(now) != c.expired || c.key.Usable(now) == (c.ended || c.expired) {
			t.Errorf("%+v: ended %v, expired %v, usable %v", c.key, c.key.Ended(now), c.key.Expired(now), c.key.Usable(now))
		}
	}
}

func TestMayHold(t *testing.T) {
	for _, c := range []struct {
		actor, holder authz.Role
		scope         Scope
		want          error
	}{
		{authz.Admin, authz.Owner, Manage, authz.ErrRoleTooHigh},
		{authz.Admin, authz.Admin, Inference, nil},
		{authz.Owner, authz.Member, Manage, nil},
		{authz.Owner, authz.Viewer, Manage, nil},
		{authz.Owner, authz.Viewer, Inference, authz.ErrForbidden},
	} {
		err := mayHold(authz.Actor{UserID: "a", Role: c.actor}, Holder{UserID: "b", Role: c.holder}, []Scope{c.scope})
		if (err == nil) != (c.want == nil) || err != nil && err.Error()[:4] != c.want.Error()[:4] {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// A key acts as its holder, and never as more than its ceiling.
func TestKey_ActsAs(t *testing.T) {
	for _, c := range []struct{ ceiling, holder, want authz.Role }{
		{"", authz.Owner, authz.Owner},
		{"", "", ""},
		{authz.Admin, authz.Owner, authz.Admin},
		{authz.Admin, authz.Admin, authz.Admin},
		{authz.Admin, authz.Viewer, authz.Viewer},
		{authz.Admin, "", ""},
		{authz.Owner, authz.Owner, authz.Owner},
	} {
		k := Key{Ceiling: c.ceiling}
		if got := k.ActsAs(c.holder); got != c.want || k.Manages(c.holder) != (got == c.holder) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// Whatever a list of models is made of, it allows its own entries and nothing beside them.
func FuzzLimits(f *testing.F) {
	f.Add("gpt-5*", "gpt-5-mini")
	f.Add("gpt-5", "gpt-5")
	f.Add("*", "\x00")
	f.Add("a*b", "aXb")
	f.Fuzz(func(t *testing.T, allowed, model string) {
		l := Limits{Models: []string{allowed}}
		if l.check() != nil {
			return
		}
		start, wild := strings.CutSuffix(allowed, "*")
		want := model == "" || model == allowed || wild && len(model) >= len(start) && model[:len(start)] == start
		if l.Allows(model) != want {
			t.Errorf("%q of %q: %v", model, allowed, !want)
		}
		if strings.Contains(start, "*") || allowed == "" || len(allowed) > MaxModelName {
			t.Errorf("%q passed", allowed)
		}
	})
}

func FuzzExpiry(f *testing.F) {
	f.Add(int64(0), int64(1))
	f.Add(int64(-1), int64(999))
	f.Fuzz(func(t *testing.T, seconds, nanos int64) {
		at := now.Add(time.Duration(seconds)*time.Second + time.Duration(nanos))
		got, err := expiry(now, at)
		switch {
		case err == nil && (!got.After(now) || got.After(at) || at.Sub(got) >= time.Microsecond || got.Location() != time.UTC):
			t.Errorf("%v became %v", at, got)
		case err != nil && at.Sub(now) >= time.Microsecond:
			t.Errorf("%v was refused", at)
		}
	})
}
