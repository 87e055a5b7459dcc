package apitest_test

import (
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// A deployment that changes its prefix gives it to new keys and new secrets. Keys that were
// made before carry on, at the gateway and as callers.
func TestKeyPrefix(t *testing.T) {
	before := apitest.New(t)
	owner := before.SignUp("Acme")
	old, oldID := owner.WithKey("manage", "inference")

	after := apitest.New(t, func(s *wiring.Settings) { s.KeyPrefix = "sk-acme-eu-" })
	gateway := after.Gateway()
	verified := func(key, want string) {
		t.Helper()
		if got := gateway.Verdict(key); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	old.World = after
	old.Do("GET", "/v1/me", nil).Want(200)
	verified(old.Token, "ok")

	made := old.Do("POST", "/v1/keys", apitest.Map{"name": "new", "scopes": []string{"manage", "inference"}}).Want(201)
	fresh := *old
	fresh.Token = made.Get("key")
	if !strings.HasPrefix(fresh.Token, "sk-acme-eu-") || len(fresh.Token) != len("sk-acme-eu-")+43 {
		t.Errorf("the prefix of %q", fresh.Token)
	}
	fresh.Do("GET", "/v1/me", nil).Want(200)
	verified(fresh.Token, "ok")
	listed := fresh.Do("GET", "/v1/keys/"+made.Get("id"), nil).Want(200)
	if listed.Get("start") != fresh.Token[:len("sk-acme-eu-")+4] || listed.Get("end") != fresh.Token[len(fresh.Token)-4:] {
		t.Errorf("%s shows %s", fresh.Token, listed.Body)
	}

	rotated := fresh.Do("POST", "/v1/keys/"+oldID+"/rotate", apitest.Map{}).Want(200).Get("key")
	if !strings.HasPrefix(rotated, "sk-acme-eu-") {
		t.Errorf("the prefix of %q", rotated)
	}
	verified(rotated, "ok")
	verified(old.Token, "revoked")
	old.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
	verified(string(keys.DefaultPrefix)+strings.Repeat("0", 43), "not_found")
}
