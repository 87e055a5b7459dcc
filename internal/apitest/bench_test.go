package apitest_test

import (
	"net/http"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// measured are the operations whose price is watched. Each prepares what it needs and
// returns the one request, or sweep, that is metered: authentication included.
var measured = []struct {
	name    string
	prepare func(w *apitest.World) func()
}{
	{"auth by session", func(w *apitest.World) func() { return want(200, as(w.SignUp("Acme"), "GET", "/v1/me", nil)) }},
	{"auth by key", func(w *apitest.World) func() {
		byKey, _ := w.SignUp("Acme").WithKey("manage")
		return want(200, as(byKey, "GET", "/v1/me", nil))
	}},
	{"create invitation", func(w *apitest.World) func() {
		return want(201, as(w.SignUp("Acme"), "POST", "/v1/invitations", apitest.Map{"email": apitest.Address("bob"), "role": "member"}))
	}},
	{"accept, new user", func(w *apitest.World) func() {
		email := apitest.Address("bob")
		w.SignUp("Acme").Invite(email, "member")
		return want(200, accept(w, email))
	}},
	{"accept, known user", func(w *apitest.World) func() {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		ada.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
		ada.Invite(bob.Email, "member")
		return want(200, accept(w, bob.Email))
	}},
	{"bulk of 100", func(w *apitest.World) func() {
		return want(200, as(w.SignUp("Acme"), "POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows(100)}))
	}},
	{"role change", func(w *apitest.World) func() {
		ada := w.SignUp("Acme")
		return want(200, as(ada, "PATCH", "/v1/members/"+ada.Hire("member").ID, apitest.Map{"role": "admin"}))
	}},
	{"removal with 40 keys", func(w *apitest.World) func() {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		for range 40 {
			bob.WithKey("inference")
		}
		return want(204, as(ada, "DELETE", "/v1/members/"+bob.ID, nil))
	}},
	{"page of 50 members of 60", func(w *apitest.World) func() {
		ada := w.SignUp("Acme")
		for range 59 {
			ada.Hire("member")
		}
		return want(200, as(ada, "GET", "/v1/members", nil))
	}},
	{"sweep of 1000", func(w *apitest.World) func() {
		ada := w.SignUp("Acme")
		w.Mail.Fail(true)
		inviteMany(ada, 1000)
		w.Clock.Advance(invites.Lifetime)
		return func() { w.Sweep() }
	}},
}

// want is a call that must be answered with the status.
func want(status int, c call) func() { return func() { c().Want(status) } }

// cost is what calls to the engine come to.
type cost struct {
	trips   int     // round trips
	actions int     // of transactions
	rcu     float64 // read units
	wcu     float64 // write units
}

func costOf(calls []apitest.Call) (c cost) {
	for _, call := range calls {
		c.trips++
		c.rcu += call.ReadUnits
		c.wcu += call.WriteUnits
		if call.Operation == "TransactWriteItems" {
			c.actions += call.Actions
		}
	}
	return c
}

// BenchmarkCost prints what each operation costs. One run is enough, for the numbers are
// counted and not timed:
//
//	go test ./internal/apitest -run '^$' -bench Cost -benchtime 1x
func BenchmarkCost(b *testing.B) {
	for _, m := range measured {
		b.Run(m.name, func(b *testing.B) {
			var sum cost
			n := 0
			for b.Loop() {
				b.StopTimer()
				w := apitest.Alone(b)
				do := m.prepare(w)
				b.StartTimer()
				one := costOf(w.Wire.Record(do))
				sum = cost{sum.trips + one.trips, sum.actions + one.actions, sum.rcu + one.rcu, sum.wcu + one.wcu}
				n++
			}
			per := func(v float64, unit string) { b.ReportMetric(v/float64(n), unit+"/op") }
			per(float64(sum.trips), "trips")
			per(float64(sum.actions), "actions")
			per(sum.rcu, "RCU")
			per(sum.wcu, "WCU")
		})
	}
}

// The round trips that the design allows. A change that adds one fails here.
func TestCost_roundTrips(t *testing.T) {
	most := map[string]int{
		"auth by session":      1,
		"auth by key":          2,
		"create invitation":    1 + 2,
		"accept, new user":     2,
		"accept, known user":   4,
		"role change":          1 + 2 + 2, // whether the mail is wanted, and that it was sent
		"removal with 40 keys": 1 + 2 + 2,
		"bulk of 100":          1 + 7 + 100, // seven transactions, and each mail noted
	}
	for _, m := range measured {
		limit, ok := most[m.name]
		if !ok {
			continue
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := m.prepare(w)
			if got := costOf(w.Wire.Record(do)); got.trips > limit {
				t.Errorf("it takes %d round trips, and may take %d: %+v", got.trips, limit, got)
			}
		})
	}
}

// A list costs what its page costs, not what the org is large.
func TestCost_listGrowsWithPage(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	w.Mail.Fail(true)
	page := func() cost {
		return costOf(w.Wire.Record(want(http.StatusOK, as(ada, "GET", "/v1/invitations?limit=10", nil))))
	}
	inviteMany(ada, 20)
	small := page()
	inviteMany(ada, 400)
	if large := page(); large.trips > small.trips || large.rcu > small.rcu+1 {
		t.Errorf("a page cost %+v, and in a larger org %+v", small, large)
	}
}
