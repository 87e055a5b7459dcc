package apitest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// rotate gives a key a new secret and returns it.
func rotate(p *apitest.Person, id string, grace time.Duration) string {
	return p.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{"grace_seconds": int(grace.Seconds())}).Want(200).Get("key")
}

// The old secret works until its grace is over, to the second, without a sweep.
func TestRotate_grace(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	start := w.Clock.Now()
	for _, grace := range []time.Duration{0, time.Second, time.Hour, 7 * 24 * time.Hour} {
		run := w.Clock.Stop(start)
		old, id := ada.NewKey(apitest.Map{"scopes": []string{"inference", "manage"}})
		fresh := rotate(ada, id, grace)
		for _, c := range []struct {
			after time.Duration
			good  bool
		}{{grace - time.Second, grace > 0}, {grace - time.Microsecond, grace > 0}, {grace, false}, {grace + time.Second, false}} {
			w.Clock.Stop(start.Add(c.after))
			verdict, status := "revoked", 401
			if c.good {
				verdict, status = "ok", 200
			}
			if code := w.Gateway().Verdict(old); code != verdict {
				t.Errorf("grace %v: after %v the old secret is %s", grace, c.after, code)
			}
			(&apitest.Person{World: w, Token: old}).Do("GET", "/v1/me", nil).Want(status)
			if code := w.Gateway().Verdict(fresh); code != "ok" {
				t.Errorf("grace %v: after %v the new secret is %s", grace, c.after, code)
			}
		}
		run()
	}
}

// Whatever a machine's clock says, a secret that was replaced without grace is dead.
func TestRotate_withoutGraceNeedsNoClock(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	first, id := ada.NewKey()
	second := rotate(ada, id, time.Hour)
	rotate(ada, id, 0)
	w.Clock.Advance(-time.Minute)
	for _, old := range []string{first, second} {
		if code := w.Gateway().Verdict(old); code != "revoked" {
			t.Errorf("a slow clock takes it for %s", code)
		}
	}
}

// Rotating again ends the earlier grace; revoking ends all secrets.
func TestRotate_again(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	first, id := ada.NewKey()
	second := rotate(ada, id, time.Hour)
	third := rotate(ada, id, time.Hour)
	want := func(codes ...string) {
		t.Helper()
		var got []string
		for _, secret := range []string{first, second, third} {
			got = append(got, w.Gateway().Verdict(secret))
		}
		if !slices.Equal(got, codes) {
			t.Errorf("the secrets are %v, want %v", got, codes)
		}
	}
	want("revoked", "ok", "ok")
	key := ada.Do("GET", "/v1/keys/"+id, nil).Want(200)
	if key.Get("previous_until") == "" || key.Get("rotated_at") == "" || key.Get("end") != third[len(third)-4:] {
		t.Errorf("%s", key.Body)
	}
	ada.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
	want("revoked", "revoked", "revoked")
	ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{}).WantProblem(404, "not_found")
	w.CheckInvariants()
}

// What a key may do is changed for all of its secrets; long after a grace, for the one
// that is left.
func TestRotate_editReachesBothSecrets(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	old, id := ada.NewKey()
	fresh := rotate(ada, id, time.Hour)
	ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"models": []string{"gpt-5"}}).Want(200)
	for _, secret := range []string{old, fresh} {
		if got := w.Gateway().Verdict(secret, "o3") + " " + w.Gateway().Verdict(secret, "gpt-5"); got != "model_not_allowed ok" {
			t.Error(got)
		}
	}
	w.Clock.Advance(60 * 24 * time.Hour)
	ada = ada.SignIn()
	ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"models": []string{}}).Want(200)
	fresh = rotate(ada, id, 0)
	ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"name": "late"}).Want(200)
	if code := w.Gateway().Verdict(fresh, "o3"); code != "ok" {
		t.Error(code)
	}
	ada.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
}

// The id, the spend behind it, the limits and the name stay.
func TestRotate_keepsTheRest(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	_, id := ada.NewKey(apitest.Map{"name": "ci", "models": []string{"gpt-*"}, "requests_per_minute": 5, "expires_at": w.Clock.Now().Add(time.Hour)})
	before := ada.Do("GET", "/v1/keys/"+id, nil).Want(200)
	after := ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{}).Want(200)
	for _, name := range []string{"id", "name", "models", "requests_per_minute", "expires_at", "scopes", "user_id", "team_id", "created_at", "created_by"} {
		if before.Get(name) != after.Get(name) {
			t.Errorf("%s was %s and is %s", name, before.Get(name), after.Get(name))
		}
	}
	if after.Get("previous_until") != "" {
		t.Errorf("without grace, the old one works until %s", after.Get("previous_until"))
	}
	if n := ada.Recorded("key.rotated"); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestRotate_graceOutOfBounds(t *testing.T) {
	ada := apitest.New(t).SignUp("Acme")
	_, id := ada.NewKey()
	for _, seconds := range []any{-1, 604801, 1 << 40, 18446744074, -18446744073, 9223372036854775807, "60", 1.5} {
		ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{"grace_seconds": seconds}).WantProblem(422, "validation_failed")
	}
}

// A repeated rotation changes nothing more, and comes without the secret.
func TestRotate_repeated(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	_, id := ada.NewKey()
	again := func(body apitest.Map) *apitest.Reply {
		return ada.Do("POST", "/v1/keys/"+id+"/rotate", body, "Idempotency-Key", "one")
	}
	first := again(apitest.Map{"grace_seconds": 60}).Want(200)
	second := again(apitest.Map{"grace_seconds": 60}).Want(200)
	if second.Get("key") != "" || second.Get("secret_omitted") != "true" || second.Header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%s", second.Body)
	}
	if first.Get("rotated_at") != second.Get("rotated_at") || second.Get("end") != first.Get("end") {
		t.Errorf("%s\n%s", first.Body, second.Body)
	}
	if code := w.Gateway().Verdict(first.Get("key")); code != "ok" {
		t.Errorf("the only secret that was shown is %s", code)
	}
	again(apitest.Map{"grace_seconds": 61}).WantProblem(422, "idempotency_mismatch")
}

// Rotations at the same moment happen one after the other: each secret that was shown works
// for its grace or is told to be replaced, and the key ends with one.
func TestRotate_race(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	_, id := ada.NewKey()
	replies := apitest.Race(apitest.Times(8, func() *apitest.Reply {
		return ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{})
	})...)
	good, done := 0, 0
	for _, r := range replies {
		if r.Status != 200 {
			r.WantProblem(409, "changed_meanwhile")
			continue
		}
		if done++; w.Gateway().Verdict(r.Get("key")) == "ok" {
			good++
		}
	}
	if good != 1 || done < 1 {
		t.Errorf("%d rotations left %d good secrets", done, good)
	}
	w.CheckInvariants()
}

// An edit between the reading and the writing of a rotation is not lost in the new secret.
func TestRotate_meetsAnEdit(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	_, id := ada.NewKey()
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"models": []string{"gpt-5"}}).Want(200)
	}))
	fresh := rotate(ada, id, 0)
	mend()
	if code := w.Gateway().Verdict(fresh, "o3"); code != "model_not_allowed" {
		t.Errorf("the new secret forgot the edit: %s", code)
	}
}

// A revocation that meets a rotation, in either order, leaves no secret that works.
func TestRotate_meetsARevocation(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	old, id := ada.NewKey()
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		ada.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
	}))
	ada.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{}).WantProblem(404, "not_found")
	mend()
	if code := w.Gateway().Verdict(old); code != "revoked" {
		t.Error(code)
	}
	_, id = ada.NewKey()
	var fresh string
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { fresh = rotate(ada, id, time.Hour) }))
	ada.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
	mend()
	if code := w.Gateway().Verdict(fresh); code != "revoked" {
		t.Error(code)
	}
}

// Nobody holds what they may no longer touch: standing is checked again with the write.
func TestKeys_standingIsCheckedWithTheWrite(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(o apitest.Cast)
		call      func(o apitest.Cast, keyID string) *apitest.Reply
		status    int
	}{
		"create by somebody demoted": {
			func(o apitest.Cast) {
				o.Owner.Do("PATCH", "/v1/members/"+o.Admin.ID, apitest.Map{"role": "member"}).Want(200)
			},
			func(o apitest.Cast, _ string) *apitest.Reply {
				return o.Admin.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": o.Member.ID})
			}, 403,
		},
		"rotate by somebody removed": {
			func(o apitest.Cast) { o.Owner.Do("DELETE", "/v1/members/"+o.Admin.ID, nil).Want(204) },
			func(o apitest.Cast, id string) *apitest.Reply {
				return o.Admin.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{})
			}, 403,
		},
		"rotate the key of who becomes owner": {
			func(o apitest.Cast) {
				o.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": o.Member.ID}).Want(200)
			},
			func(o apitest.Cast, id string) *apitest.Reply {
				return o.Admin.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{})
			}, 403,
		},
		"edit by somebody demoted": {
			func(o apitest.Cast) {
				o.Owner.Do("PATCH", "/v1/members/"+o.Admin.ID, apitest.Map{"role": "viewer"}).Want(200)
			},
			func(o apitest.Cast, id string) *apitest.Reply {
				return o.Admin.Do("PATCH", "/v1/keys/"+id, apitest.Map{"requests_per_minute": 60})
			}, 403,
		},
		"create one's own while becoming a viewer": {
			func(o apitest.Cast) {
				o.Owner.Do("PATCH", "/v1/members/"+o.Member.ID, apitest.Map{"role": "viewer"}).Want(200)
			},
			func(o apitest.Cast, _ string) *apitest.Reply {
				return o.Member.Do("POST", "/v1/keys", apitest.Map{"name": "x"})
			}, 409,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			org := w.Cast()
			key, id := org.Member.NewKey()
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { c.meanwhile(org) }))
			r := c.call(org, id).Want(c.status)
			mend()
			if code := w.Gateway().Verdict(key); r.Get("key") != "" || (code != "ok" && org.Member.Do("GET", "/v1/me", nil).Get("role") == "member") {
				t.Errorf("%s: %s", code, r.Body)
			}
			w.CheckInvariants()
		})
	}
}
