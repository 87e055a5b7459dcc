package apitest_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// An operation is one that changes something and takes no Idempotency-Key: its repetition
// is told that it is done.
type operation struct {
	name    string
	action  string   // that the record has once more after it
	success string   // status
	done    []string // what a repetition may be told besides
	prepare func(w *apitest.World) (do func() *apitest.Reply)
}

var operations = []operation{
	{"confirm sign-in", "session.created", "200", []string{"410 link_invalid"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": ada.Email}).Want(202)
		return post(w, "/v1/sessions/confirm", ada.Email)
	}},
	{"sign out", "session.ended", "204", []string{"401 unauthorized"}, func(w *apitest.World) func() *apitest.Reply {
		return as(w.SignUp("Acme"), "DELETE", "/v1/sessions/current", nil)
	}},
	{"sign out everywhere", "session.all_ended", "204", []string{"401 unauthorized"}, func(w *apitest.World) func() *apitest.Reply {
		return as(w.SignUp("Acme"), "DELETE", "/v1/sessions", nil)
	}},
	{"change one's name", "member.updated", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		return as(w.SignUp("Acme"), "PATCH", "/v1/me", apitest.Map{"name": "Ada"})
	}},
	{"update org", "org.updated", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "PATCH", "/v1/org", apitest.Map{"name": "Emca", "slug": "emca-" + ada.OrgID[24:]})
	}},
	{"delete org", "org.deleted", "204", []string{"401 unauthorized"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "DELETE", "/v1/org", apitest.Map{"confirm": ada.Do("GET", "/v1/org", nil).Want(200).Get("slug")})
	}},
	{"transfer", "org.ownership_transferred", "200", []string{"403 forbidden"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "POST", "/v1/org/transfer", apitest.Map{"user_id": ada.Hire("member").ID})
	}},
	{"rename team", "team.updated", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "PATCH", "/v1/teams/"+ada.TeamID, apitest.Map{"name": "Research"})
	}},
	{"delete team", "team.deleted", "204", []string{"404 not_found"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "DELETE", "/v1/teams/"+ada.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id"), nil)
	}},
	{"change role", "member.role_changed", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		bob.WithKey("inference")
		return as(ada, "PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "viewer"})
	}},
	{"remove", "member.removed", "204", []string{"404 not_found"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		bob.WithKey("inference")
		return as(ada, "DELETE", "/v1/members/"+bob.ID, nil)
	}},
	{"leave", "member.left", "204", []string{"401 unauthorized"}, func(w *apitest.World) func() *apitest.Reply {
		return as(w.SignUp("Acme").Hire("member"), "POST", "/v1/members/me/leave", nil)
	}},
	{"revoke invitation", "invitation.revoked", "204", []string{"410 invitation_revoked"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "DELETE", "/v1/invitations/"+ada.Invite(apitest.Address("bob"), "member"), nil)
	}},
	{"decline", "invitation.declined", "204", []string{"409 invitation_declined"}, func(w *apitest.World) func() *apitest.Reply {
		email := apitest.Address("bob")
		w.SignUp("Acme").Invite(email, "member")
		return decline(w, email)
	}},
	{"revoke key", "key.revoked", "204", []string{"404 not_found"}, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		_, id := ada.WithKey("inference")
		return as(ada, "DELETE", "/v1/keys/"+id, nil)
	}},
	{"edit key", "key.updated", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		_, id := ada.WithKey("inference")
		return as(ada, "PATCH", "/v1/keys/"+id, apitest.Map{"name": "another name", "models": []string{"gpt-4o"}})
	}},
	{"set budget", "budget.set", "200", nil, func(w *apitest.World) func() *apitest.Reply {
		ada := w.SignUp("Acme")
		return as(ada, "PUT", "/v1/budgets/team/"+ada.TeamID, apitest.Map{"limit_usd": 1})
	}},
}

// cuts are the two ways in which a call to the engine fails for good.
var cuts = []struct {
	name string
	hook apitest.Hook
}{{"refused", apitest.Refuse}, {"lost", apitest.Lose}}

// enough is after how many calls a bulk operation only notes one mail after the other.
const enough = 6

// eachCut prepares an operation, lets one of its calls to the engine fail with all retries,
// and hands over what it answered; for every call and both ways to fail.
func eachCut(t *testing.T, w *apitest.World, prepare func() call, check func(t *testing.T, first *apitest.Reply, again call)) {
	for n := 1; n <= enough; n++ {
		for _, cut := range cuts {
			do := prepare()
			fault := &apitest.Nth{N: n, Fault: cut.hook}
			mend := w.Wire.Break(fault.Hook)
			first := do()
			mend()
			if fault.Calls() < n { // it makes fewer calls
				if n < 3 {
					t.Errorf("it made only %d calls", fault.Calls())
				}
				return
			}
			t.Run(fmt.Sprintf("call %d %s", n, cut.name), func(t *testing.T) { check(t, first, do) })
		}
	}
}

func entries(b apitest.Books, action string) (n int) {
	for _, o := range b.Orgs {
		n += o.Entries(action)
	}
	return n
}

// Every operation is cut at every one of its calls to the engine, before and after the
// engine did its part. Its caller then tries again, as callers do: the change happened once,
// whole, and the caller learns that it did.
func TestFault_cutAnywhere(t *testing.T) {
	for _, op := range operations {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			before := 0
			prepare := func() call {
				do := op.prepare(w)
				before = entries(w.Books(), op.action)
				return do
			}
			eachCut(t, w, prepare, func(t *testing.T, first *apitest.Reply, again call) {
				if first.Status >= 500 {
					wantUnavailable(t, first)
					wantOnly(t, []*apitest.Reply{again()}, append(op.done, op.success)...)
				} else {
					wantOnly(t, []*apitest.Reply{first}, op.success)
				}
				if n := entries(w.CheckInvariants(), op.action) - before; n != 1 {
					t.Errorf("it happened %d times", n)
				}
			})
		})
	}
}

// The same for operations with an Idempotency-Key: the repetition gets the first answer,
// and the change happened once.
func TestFault_cutAnywhereWithKey(t *testing.T) {
	for _, op := range repeatables {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			before := 0
			prepare := func() call {
				do := op.prepare(w)
				before = entries(w.Books(), op.action)
				return func() *apitest.Reply { return do("Idempotency-Key", "the key") }
			}
			eachCut(t, w, prepare, func(t *testing.T, first *apitest.Reply, again call) {
				if first.Status >= 500 {
					wantUnavailable(t, first)
					first = again()
				}
				last := again()
				wantOnly(t, []*apitest.Reply{first, last}, op.success)
				if first.Get(op.id) == "" || first.Get(op.id) != last.Get(op.id) {
					t.Errorf("answered first %s, then %s", first.Body, last.Body)
				}
				if n := entries(w.CheckInvariants(), op.action) - before; n != 1+op.extra {
					t.Errorf("the record has %d entries %s more, want %d", n, op.action, 1+op.extra)
				}
			})
		})
	}
}

// All attempts of the call that commits lose their answers. The first answer cannot be
// given; the repetition gives it, marked, without the secret that it held.
func TestFault_lostCommit(t *testing.T) {
	for _, op := range repeatables {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			first := do("Idempotency-Key", "the key")
			mend()
			wantUnavailable(t, first)
			again := do("Idempotency-Key", "the key")
			wantOnly(t, []*apitest.Reply{again}, op.success)
			if op.name != "bulk" && again.Header.Get("Idempotency-Replayed") != "true" {
				t.Error("the answer is not marked as replayed")
			}
			for _, secret := range []string{"session.token", "key"} {
				if again.Get(secret) != "" {
					t.Errorf("the replay holds %s", secret)
				}
			}
			op.wantOnce(t, w.CheckInvariants())
		})
	}
}

// Without a key, too, nothing is done by halves or twice: the caller is told what is.
func TestFault_lostCommitWithoutKey(t *testing.T) {
	told := map[string]string{
		"sign-up": "410 link_invalid", "create invitation": "409 invitation_exists", "accept": "409 invitation_accepted",
	}
	for _, op := range repeatables {
		if told[op.name] == "" {
			continue // these make another thing each time that they are asked to
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			wantUnavailable(t, do())
			mend()
			wantOnly(t, []*apitest.Reply{do()}, told[op.name])
			op.wantOnce(t, w.CheckInvariants())
		})
	}
}

// Whoever lost the answer to their accept or sign-up still gets in: by a mailed link.
func TestFault_signInAfterLostAnswer(t *testing.T) {
	for _, op := range repeatables {
		if !slices.Contains([]string{"sign-up", "accept"}, op.name) {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			w := apitest.Alone(t)
			do := op.prepare(w)
			mend := w.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))
			wantUnavailable(t, do())
			mend()
			for address := range w.Books().Users {
				lost := &apitest.Person{World: w, Email: address}
				lost.SignIn().Do("GET", "/v1/me", nil).Want(200)
			}
		})
	}
}
