package gateway

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/secret"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Of several things that are wrong, the one that stands first is told.
func TestJudge_order(t *testing.T) {
	good := keys.Key{ID: "k", Generation: "g", Scopes: []keys.Scope{keys.Inference}}
	fine := Standing{Role: authz.Member, Generation: "g", OrgKnown: true, OrgLive: true}
	k, s := good, fine
	want := func(code Code) {
		t.Helper()
		if a := judge(Question{Model: "m"}, &k, s, now); a.Code != code || a.Valid() != (code == OK) {
			t.Errorf("%s, want %s", a.Code, code)
		}
	}
	want(OK)
	k.Models = []string{"n"}
	want(ModelNotAllowed)
	k.Scopes = []keys.Scope{keys.Manage}
	want(ScopeMissing)
	s.Role = authz.Viewer
	want(RoleForbids)
	k.ExpiresAt = now
	want(Expired)
	k.RevokedAt = now
	want(Revoked)
	s.OrgLive = false
	want(OrgDeleted)
	s.OrgKnown = false
	want(NotFound)

	k, s = good, fine
	s.Generation = "h"
	want(Revoked)
	s = Standing{OrgKnown: true, OrgLive: true}
	want(Revoked)
	s = Standing{}
	want(NotFound)
	if a := judge(Question{}, nil, fine, now); a.Code != NotFound {
		t.Error(a.Code)
	}
}

// A standing of which nothing is known makes no key good.
func TestJudge_zero(t *testing.T) {
	if a := judge(Question{}, &keys.Key{}, Standing{OrgKnown: true, OrgLive: true}, now); a.Valid() {
		t.Error("good for nothing")
	}
}

func TestTokens_check(t *testing.T) {
	one, two := secret.NewToken(tokenKind), secret.NewToken(tokenKind)
	both := Tokens{Current: secret.Hash(two), Previous: secret.Hash(one)}
	for _, c := range []struct {
		tokens Tokens
		token  string
		good   bool
	}{
		{both, one, true}, {both, two, true}, {both, secret.NewToken(tokenKind), false}, {both, both.Current, false}, {both, "", false},
		{Tokens{}, "", false}, {Tokens{}, one, false}, {Tokens{Current: both.Current}, "", false},
	} {
		if err := c.tokens.Check(c.token); (err == nil) != c.good {
			t.Errorf("%+v %q: %v", c.tokens, c.token, err)
		}
	}
}

// tokenStore is in memory what the table is: two rotations at once cannot both win.
type tokenStore struct{ tokens Tokens }

func (s *tokenStore) GatewayTokens(context.Context) (Tokens, error) { return s.tokens, nil }

func (s *tokenStore) RotateGatewayTokens(_ context.Context, before, after Tokens) error {
	if s.tokens != before {
		return fault.ErrUnavailable
	}
	s.tokens = after
	return nil
}

func TestRotator(t *testing.T) {
	s := &tokenStore{}
	r := Rotator{Store: s, Now: func() time.Time { return now }}
	var tokens []string
	for range 3 {
		token, err := r.Rotate(t.Context())
		if err != nil || !IsToken(token) || strings.Contains(s.tokens.Current, token) {
			t.Fatal(token, err)
		}
		tokens = append(tokens, token)
	}
	for i, token := range tokens {
		if err := s.tokens.Check(token); (err == nil) != (i > 0) {
			t.Errorf("token %d: %v", i, err)
		}
	}
}

// failing is a store that knows one key and fails to count.
type failing struct {
	key    keys.Key
	tokens Tokens
	counts atomic.Int64
}

func (f *failing) KeysByHash(_ context.Context, hashes []string) (Tokens, []*keys.Key, error) {
	found := make([]*keys.Key, len(hashes))
	for i, h := range hashes {
		if h == f.key.Hash {
			found[i] = &f.key
		}
	}
	return f.tokens, found, nil
}

func (f *failing) Standings(_ context.Context, found []*keys.Key) ([]Standing, error) {
	s := make([]Standing, len(found))
	for i := range s {
		s[i] = Standing{Role: authz.Owner, OrgKnown: true, OrgLive: true}
	}
	return s, nil
}

func (f *failing) OpenCredits(context.Context, string, time.Time) (budgets.Budget, error) {
	return budgets.Budget{}, errors.New("no credits today")
}

func (f *failing) Reserve(context.Context, budgets.Hold, time.Time) (*budgets.Budget, error) {
	return nil, errors.New("no reservations today")
}

func (f *failing) CountRequest(context.Context, string, time.Time, int) (bool, error) {
	f.counts.Add(1)
	return true, errors.New("no count today")
}

// A key whose requests cannot be counted is not good; without the right token nothing is
// counted.
func TestVerifier_failsClosed(t *testing.T) {
	token := secret.NewToken(tokenKind)
	f := &failing{
		key:    keys.Key{ID: "k", Hash: secret.Hash("key"), Scopes: []keys.Scope{keys.Inference}, Limits: keys.Limits{RequestsPerMinute: 1}},
		tokens: Tokens{Current: secret.Hash(token)},
	}
	v := Verifier{Store: f, Now: func() time.Time { return now }}
	if answers, err := v.Verify(t.Context(), token, []Question{{Key: "key"}}); err == nil || answers != nil {
		t.Errorf("%+v %v", answers, err)
	}
	f.counts.Store(0)
	if _, err := v.Verify(t.Context(), "another", []Question{{Key: "key"}}); !errors.Is(err, fault.ErrUnauthorized) || f.counts.Load() != 0 {
		t.Errorf("%v, %d counted", err, f.counts.Load())
	}
}

// Whatever is asked about has one hash, which is of the form of hashes.
func FuzzHashesOf(f *testing.F) {
	f.Add("sk-nemo-x", "")
	f.Add("", "")
	f.Add("", "ABC")
	f.Add("", strings.Repeat("0", 64))
	f.Add("a", "b")
	f.Fuzz(func(t *testing.T, key, hash string) {
		got, err := hashesOf([]Question{{Key: key, KeyHash: hash}})
		if (key == "") == (hash == "") {
			if err == nil {
				t.Error("neither or both passed")
			}
			return
		}
		if err != nil || !secret.IsHash(got[0]) {
			t.Fatalf("%q %v", got, err)
		}
		if key != "" && got[0] != secret.Hash(key) || secret.IsHash(hash) && got[0] != hash {
			t.Errorf("%q", got)
		}
	})
}

func FuzzIsToken(f *testing.F) {
	f.Add(secret.NewToken(tokenKind))
	f.Add(tokenKind)
	f.Add("sk-nemo-x")
	f.Fuzz(func(t *testing.T, s string) {
		if IsToken(s) && (!strings.HasPrefix(s, tokenKind) || len(s) != len(tokenKind)+43) {
			t.Errorf("%q passed", s)
		}
	})
}
