package apitest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// reserve asks about a key and reserves.
func (b biller) reserve(k payer, usd string) *apitest.Reply {
	b.Helper()
	return b.verdict(k, apitest.Map{"reserve_usd": usd})
}

// A burst of 200 overruns nothing: what is granted fits, to the cent.
func TestReserve_burst(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "org", owner.OrgID, "50", "month")
	setBudget(owner, "key", key.id, "1", "month")
	gw.verdict(key)
	granted, refused := []apitest.Map{}, 0
	for i, r := range apitest.Race(apitest.Times(200, func() *apitest.Reply {
		return gw.Do("POST", "/v1/keys/verify", apitest.Map{"key_hash": key.hash, "reserve_usd": 0.03})
	})...) {
		switch r.Want(200).Get("code") {
		case "ok":
			granted = append(granted, gw.event(key, fmt.Sprint(i), apitest.Map{"cost_usd": "0.03", "reservation_id": r.Get("reservation_id")}))
		case "budget_exceeded":
			refused++
			if r.Get("blocked_by.scope") != "key" {
				t.Errorf("%s", r.Body)
			}
		}
	}
	if len(granted) != 33 || refused != 167 {
		t.Errorf("%d granted, %d refused", len(granted), refused)
	}
	if got := owner.Do("GET", "/v1/budgets/org/"+owner.OrgID, nil); got.Get("reserved_usd") != "0.99" || got.Get("spent_usd") != "0" {
		t.Errorf("%s", got.Body)
	}
	gw.report(granted...).want(t, 33, 0, 0, 0)
	gw.report(granted...).want(t, 0, 33, 0, 0)
	for scope, id := range map[string]string{"org": owner.OrgID, "key": key.id} {
		if got := owner.Do("GET", "/v1/budgets/"+scope+"/"+id, nil); got.Get("reserved_usd") != "0" || got.Get("spent_usd") != "0.99" {
			t.Errorf("%s", got.Body)
		}
	}
	if r := gw.reserve(key, "0.02"); r.Get("code") != "budget_exceeded" || r.Get("reservation_id") != "" {
		t.Errorf("%s", r.Body)
	}
	if r := gw.reserve(key, "0.01"); r.Get("code") != "ok" {
		t.Errorf("%s", r.Body)
	}
	gw.wantVerdict(key, "budget_exceeded")
}

// What nobody settles lapses, and is set free once; a late settlement frees nothing more.
func TestReserve_lapses(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "1", "total")
	first := gw.reserve(key, "0.6").Get("reservation_id")
	if r := gw.reserve(key, "0.6"); r.Get("code") != "budget_exceeded" {
		t.Fatalf("%s", r.Body)
	}
	w.Clock.Advance(2*time.Minute + time.Second)
	second := gw.reserve(key, "0.6")
	if second.Get("code") != "ok" {
		t.Fatalf("%s", second.Body)
	}
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.1", "reservation_id": first})).want(t, 1, 0, 0, 0)
	state := func() string {
		b := owner.Do("GET", "/v1/budgets/key/"+key.id, nil).Want(200)
		return b.Get("spent_usd") + " spent, " + b.Get("reserved_usd") + " held"
	}
	if got := state(); got != "0.1 spent, 0.6 held" {
		t.Error(got)
	}
	id := second.Get("reservation_id")
	gw.report( // two events say the same reservation: it is freed once
		gw.event(key, "2", apitest.Map{"cost_usd": "0.2", "reservation_id": id}),
		gw.event(key, "3", apitest.Map{"cost_usd": "0.2", "reservation_id": id}),
	).want(t, 2, 0, 0, 0)
	gw.report(gw.event(key, "4", apitest.Map{"cost_usd": "0.2", "reservation_id": id})).want(t, 1, 0, 0, 0)
	if got := state(); got != "0.7 spent, 0 held" {
		t.Error(got)
	}
	if r := gw.reserve(key, "0.3"); r.Get("code") != "ok" {
		t.Errorf("%s", r.Body)
	}
}

// A reservation outlives the end of a period: it is held of the next one too.
func TestReserve_overThePeriodsEnd(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner, _ = owner.WithKey("manage")
	setBudget(owner, "key", key.id, "1", "day")
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.5"}))
	now := w.Clock.Now()
	w.Clock.Advance(now.Truncate(24 * time.Hour).Add(24*time.Hour - 10*time.Second).Sub(now))
	id := gw.reserve(key, "0.4").Get("reservation_id")
	w.Clock.Advance(20 * time.Second)
	if r := gw.reserve(key, "0.7"); r.Get("code") != "budget_exceeded" || r.Get("blocked_by.spent_usd") != "0" {
		t.Errorf("%s", r.Body)
	}
	other := gw.reserve(key, "0.6").Get("reservation_id")
	gw.report(gw.event(key, "2", apitest.Map{"cost_usd": "0.3", "reservation_id": id}), gw.event(key, "3", apitest.Map{"cost_usd": "0.6", "reservation_id": other})).want(t, 2, 0, 0, 0)
	b := owner.Do("GET", "/v1/budgets/key/"+key.id, nil).Want(200)
	if b.Get("spent_usd") != "0.9" || b.Get("reserved_usd") != "0" {
		t.Errorf("%s", b.Body)
	}
}

// Without budgets there is nothing to hold, and nothing is written.
func TestReserve_withoutBudgets(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	calls := w.Wire.Record(func() {
		if r := gw.reserve(key, "5"); r.Get("code") != "ok" || r.Get("reservation_id") != "" {
			t.Errorf("%s", r.Body)
		}
	})
	if len(calls) != 2 {
		t.Errorf("%d calls", len(calls))
	}
	gw.Do("POST", "/v1/keys/verify", apitest.Map{"key_hash": key.hash, "reserve_usd": -1}).WantProblem(422, "validation_failed")
}

// LiteLLM tells of the reservation where the auth module put it; what is no reservation's id
// costs no event. A failed attempt tells of it too, and sets nothing free: another may be on
// its way.
func TestReserve_liteLLM(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "1", "total")
	attempt := func(call, status string, auth any, cost float64) {
		gw.report(apitest.Map{
			"id": "x", "litellm_call_id": call, "status": status, "response_cost": cost, "model": "gpt-5", "endTime": float64(w.Clock.Now().UnixMilli()) / 1000,
			"metadata": apitest.Map{"user_api_key_hash": key.hash, "user_api_key_auth_metadata": auth},
		}).want(t, 1, 0, 0, 0)
	}
	report := func(call string, auth any, cost float64) { attempt(call, "success", auth, cost) }
	held := func() string { return owner.Do("GET", "/v1/budgets/key/"+key.id, nil).Want(200).Get("reserved_usd") }
	id := gw.reserve(key, "0.5").Get("reservation_id")
	for i, auth := range []any{nil, apitest.Map{}, apitest.Map{"nemo_reservation_id": nil}, apitest.Map{"nemo_reservation_id": 7}, apitest.Map{"nemo_reservation_id": "x"}, []any{id}, id} {
		report(fmt.Sprint(i), auth, 0.01)
	}
	if got := held(); got != "0.5" {
		t.Errorf("$%s held", got)
	}
	told := apitest.Map{"nemo_key_id": key.id, "nemo_reservation_id": id}
	attempt("settles", "failure", told, 0)
	if got := held(); got != "0.5" {
		t.Errorf("$%s held after a failed attempt", got)
	}
	report("settles", told, 0.1)
	if got := held(); got != "0" {
		t.Errorf("$%s held", got)
	}
}

// Somebody whose clock is ahead has set a reservation free as lapsed. The event that settles
// it by an earlier clock counts all the same, and frees nothing twice.
func TestReserve_clocksApart(t *testing.T) {
	const ahead = 2*time.Minute + time.Second
	for name, before := range map[string]bool{"before the event": true, "while it is counted": false} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			owner, gw := w.SignUp("Acme"), billerOf(w)
			key := pay(owner)
			setBudget(owner, "key", key.id, "1", "total")
			first := gw.reserve(key, "0.6").Get("reservation_id")
			lapse := func() {
				w.Clock.Advance(ahead)
				defer w.Clock.Advance(-ahead)
				if r := gw.reserve(key, "0.3"); r.Get("code") != "ok" {
					t.Fatalf("%s", r.Body)
				}
			}
			events := []apitest.Map{gw.event(key, "1", apitest.Map{"cost_usd": "0.1", "reservation_id": first}), gw.event(key, "2", apitest.Map{"cost_usd": "0.1"})}
			if before {
				lapse()
			} else {
				defer w.Wire.Break(apitest.Meanwhile("TransactWriteItems", lapse))()
			}
			gw.report(events...).want(t, 2, 0, 0, 0)
			b := owner.Do("GET", "/v1/budgets/key/"+key.id, nil).Want(200)
			if b.Get("spent_usd") != "0.2" || b.Get("reserved_usd") != "0.3" {
				t.Errorf("%s", b.Body)
			}
		})
	}
}
