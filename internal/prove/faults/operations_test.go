package faults_test

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// operation is one thing that the program does which changes something.
type operation struct {
	call string // as in the API's document
	name string // tells apart those of one call
	due  string // of a sweep: the field of sweep.Thing that it is about
	// done is what a repetition may be told when a try before it took effect.
	done    []string
	prepare func(w *world) try
	// later is what happens some time afterwards, with or without faults, beside the sweep.
	later func(w *world)
	// then is what must be true in the end. It may change things.
	then func(w *world)
	// again: each repetition makes another thing, as its caller knows. What is stored is
	// not compared.
	again bool
}

type m = apitest.Map

// anew is the address of the last one for whom an operation was prepared.
func (w *world) anew(name string) string {
	w.last = apitest.Address(name)
	return w.last
}

// operations are all. A route that changes something and has no row here fails the test.
var operations = []operation{
	{call: "POST /v1/signup", again: true, prepare: func(w *world) try {
		return ask(w.Stranger(), "POST", "/v1/signup", m{"email": w.anew("ada"), "org_name": "Acme"})
	}, then: confirms("/v1/signup/confirm", 201)},
	{call: "POST /v1/signup/confirm", prepare: func(w *world) try {
		w.Stranger().Do("POST", "/v1/signup", m{"email": w.anew("ada"), "org_name": "Acme"}, "X-Remote-Addr", apitest.Source()).Want(202)
		return keyed(w.Stranger(), "POST", "/v1/signup/confirm", m{"token": w.Mail.Token(w.last)})
	}},
	{call: "POST /v1/sessions", again: true, prepare: func(w *world) try {
		w.last = w.SignUp("Acme").Email
		return ask(w.Stranger(), "POST", "/v1/sessions", m{"email": w.last})
	}, then: confirms("/v1/sessions/confirm", 200)},
	{call: "POST /v1/sessions/confirm", done: []string{"410 link_invalid"}, prepare: func(w *world) try {
		email := w.SignUp("Acme").Email
		w.Stranger().Do("POST", "/v1/sessions", m{"email": email}, "X-Remote-Addr", apitest.Source()).Want(202)
		return ask(w.Stranger(), "POST", "/v1/sessions/confirm", m{"token": w.Mail.Token(email)})
	}},
	{call: "DELETE /v1/sessions/current", done: []string{"401 unauthorized"}, prepare: func(w *world) try {
		return ask(w.SignUp("Acme"), "DELETE", "/v1/sessions/current", nil)
	}},
	{call: "DELETE /v1/sessions", done: []string{"401 unauthorized"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		ada.SignIn()
		return ask(ada, "DELETE", "/v1/sessions", nil)
	}},
	{call: "PATCH /v1/me", prepare: func(w *world) try {
		return ask(w.SignUp("Acme"), "PATCH", "/v1/me", m{"name": "Ada"})
	}},

	{call: "PATCH /v1/org", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "PATCH", "/v1/org", m{"name": "Acme Labs", "slug": "acme-" + ada.OrgID[24:]})
	}},
	{call: "DELETE /v1/org", done: []string{"401 unauthorized"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		ada.Hire("member").WithKey("inference")
		return ask(ada, "DELETE", "/v1/org", m{"confirm": slugOf(ada)})
	}},
	{call: "POST /v1/org/transfer", done: []string{"403 forbidden"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "POST", "/v1/org/transfer", m{"user_id": ada.Hire("member").ID})
	}},
	{call: "POST /v1/teams", prepare: func(w *world) try {
		return keyed(w.SignUp("Acme"), "POST", "/v1/teams", m{"name": "Research"})
	}},
	{call: "PATCH /v1/teams/{id}", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "PATCH", "/v1/teams/"+ada.TeamID, m{"name": "Research"})
	}},
	{call: "DELETE /v1/teams/{id}", done: []string{"404 not_found"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "DELETE", "/v1/teams/"+newTeam(ada), nil)
	}},

	{call: "PATCH /v1/members/{id}", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		bob := ada.Hire("admin")
		bob.WithKey("inference")
		return ask(ada, "PATCH", "/v1/members/"+bob.ID, m{"role": "viewer"})
	}},
	{call: "DELETE /v1/members/{id}", done: []string{"404 not_found"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		bob.WithKey("inference")
		return ask(ada, "DELETE", "/v1/members/"+bob.ID, nil)
	}},
	{call: "POST /v1/members/me/leave", done: []string{"401 unauthorized"}, prepare: func(w *world) try {
		bob := w.SignUp("Acme").Hire("member")
		bob.WithKey("inference")
		return ask(bob, "POST", "/v1/members/me/leave", nil)
	}},

	{call: "POST /v1/invitations", prepare: inviteTo("/v1/invitations")},
	{call: "POST /api/supabase/invitations", prepare: inviteTo("/api/supabase/invitations")},
	{call: "POST /v1/invitations", name: "where an old one is due", prepare: func(w *world) try {
		w.Clock.Advance(lifetime)
		w.Sweep() // of what was prepared before, so that none of it falls due here
		ada := w.SignUp("Acme")
		ada.Invite(w.anew("bob"), "viewer")
		w.Clock.Advance(lifetime)
		return keyed(ada.SignIn(), "POST", "/v1/invitations", m{"email": w.last, "role": "member"})
	}},
	{call: "POST /v1/invitations/bulk", prepare: func(w *world) try {
		var rows []m
		for range prove.Times(3, 18) { // the long one takes two transactions
			rows = append(rows, m{"email": apitest.Address("bob"), "role": "member"})
		}
		return keyed(w.SignUp("Acme"), "POST", "/v1/invitations/bulk", m{"invitations": rows})
	}},
	{call: "POST /v1/invitations/{id}/resend", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return keyed(ada, "POST", "/v1/invitations/"+ada.Invite(apitest.Address("bob"), "member")+"/resend", nil)
	}},
	{call: "DELETE /v1/invitations/{id}", done: []string{"410 invitation_revoked"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "DELETE", "/v1/invitations/"+ada.Invite(apitest.Address("bob"), "member"), nil)
	}},
	{call: "POST /v1/invitations/accept", prepare: func(w *world) try {
		w.SignUp("Acme").Invite(w.anew("bob"), "member")
		return keyed(w.Stranger(), "POST", "/v1/invitations/accept", m{"token": w.Mail.Token(w.last), "name": "Bob"})
	}},
	{call: "POST /v1/invitations/accept", name: "by a known user", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		bob.Do("POST", "/v1/members/me/leave", nil).Want(204)
		ada.Invite(bob.Email, "viewer")
		return keyed(w.Stranger(), "POST", "/v1/invitations/accept", m{"token": w.Mail.Token(bob.Email)})
	}},
	{call: "POST /v1/invitations/decline", done: []string{"409 invitation_declined"}, prepare: func(w *world) try {
		w.SignUp("Acme").Invite(w.anew("bob"), "member")
		return ask(w.Stranger(), "POST", "/v1/invitations/decline", m{"token": w.Mail.Token(w.last)})
	}},

	{call: "POST /v1/keys", prepare: func(w *world) try {
		return keyed(w.SignUp("Acme"), "POST", "/v1/keys", m{"name": "a key"})
	}},
	{call: "PATCH /v1/keys/{id}", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "PATCH", "/v1/keys/"+payer(ada).id, m{"name": "another name", "requests_per_minute": 7})
	}},
	{call: "POST /v1/keys/{id}/rotate", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return keyed(ada, "POST", "/v1/keys/"+payer(ada).id+"/rotate", m{"grace_seconds": 60})
	}},
	{call: "DELETE /v1/keys/{id}", done: []string{"404 not_found"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "DELETE", "/v1/keys/"+payer(ada).id, nil)
	}},

	{call: "PUT /v1/budgets/{scope}/{id}", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		return ask(ada, "PUT", "/v1/budgets/team/"+ada.TeamID, m{"limit_usd": 1, "period": "month"})
	}},
	{call: "DELETE /v1/budgets/{scope}/{id}", done: []string{"404 not_found"}, prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		ada.Do("PUT", "/v1/budgets/team/"+ada.TeamID, m{"limit_usd": 1}).Want(200)
		return ask(ada, "DELETE", "/v1/budgets/team/"+ada.TeamID, nil)
	}},
	{call: "POST /v1/billing/credits", prepare: func(w *world) try {
		return keyed(w.Gateway(), "POST", "/v1/billing/credits", m{"org_id": w.SignUp("Acme").OrgID, "amount_usd": 50})
	}},
	{call: "POST /v1/keys/verify", again: true, prepare: func(w *world) try {
		return ask(w.Gateway(), "POST", "/v1/keys/verify", m{"key_hash": w.bounded().hash, "reserve_usd": "1"})
	}, later: func(w *world) { w.Clock.Advance(time.Minute) }, then: func(w *world) { w.wantRoom("1") }},
	{call: "POST /v1/keys/verify/batch", again: true, prepare: func(w *world) try {
		q := m{"key_hash": w.bounded().hash, "reserve_usd": "0.5"}
		return ask(w.Gateway(), "POST", "/v1/keys/verify/batch", m{"questions": []m{q, q}})
	}, later: func(w *world) { w.Clock.Advance(time.Minute) }, then: func(w *world) { w.wantRoom("1") }},
	{call: "POST /v1/spend/events", prepare: spends},
	{call: "POST /v1/spend/events", name: "over a line", prepare: overLine},
	{call: "POST /v1/spend/events", name: "with a reservation", prepare: settles},
}
