package apitest_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func wantBudget(t *testing.T, p *apitest.Person, scope, id, spent string) {
	t.Helper()
	if got := p.Do("GET", "/v1/budgets/"+scope+"/"+id, nil).Want(200).Get("spent_usd"); got != spent {
		t.Errorf("the %s's budget has $%s spent, want $%s", scope, got, spent)
	}
}

// A batch is on its way, and has seen no budget, when one is set: what it counts is missed,
// until the sweep that comes when no such request can be left. Looking again changes nothing.
func TestRecount_eventsOnTheirWay(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "before", apitest.Map{"cost_usd": 1}))
	scopes := map[string]string{"org": owner.OrgID, "team": owner.TeamID, "member": owner.ID, "key": key.id}
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		for scope, id := range scopes {
			setBudget(owner, scope, id, "100", "total")
		}
	}))
	gw.report(gw.event(key, "on its way", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	mend()
	gw.report(gw.event(key, "after", apitest.Map{"cost_usd": 4})).want(t, 1, 0, 0, 0)
	for scope, id := range scopes {
		wantBudget(t, owner, scope, id, "5")
	}
	if report := w.Sweep(); report.Recounted != 0 {
		t.Errorf("too early: %+v", report)
	}
	w.Clock.Advance(2 * time.Minute)
	if report := w.Sweep(); report.Recounted != len(scopes) || report.Failed != 0 {
		t.Errorf("%+v", report)
	}
	for scope, id := range scopes {
		wantBudget(t, owner, scope, id, "7")
	}
	if report := w.Sweep(); report.Recounted != 0 {
		t.Errorf("again: %+v", report)
	}
	setBudget(owner, "key", key.id, "7", "total") // other terms, the same period
	w.Clock.Advance(2 * time.Minute)
	if report := w.Sweep(); report.Recounted != 1 || report.Failed != 0 {
		t.Errorf("one is over other lines: %+v", report)
	}
	wantBudget(t, owner, "key", key.id, "7")
	gw.wantVerdict(key, "budget_exceeded")
}

// A budget that is set anew as a sweep comes to it is not looked at before its own time: there
// may be requests on their way again.
func TestRecount_dueAnew(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	key := pay(owner)
	setBudget(owner, "key", key.id, "100", "day")
	w.Clock.Advance(2 * time.Minute)
	mend := w.Wire.Break(apitest.Meanwhile("GetItem", func() { setBudget(owner, "key", key.id, "100", "total") }))
	w.Sweep()
	mend()
	w.Clock.Advance(2 * time.Minute)
	if report := w.Sweep(); report.Recounted != 1 {
		t.Errorf("%+v", report)
	}
}

// The same when a budget gets another period: a batch with an event that the old period has
// no room for, and the new one has, sees no need to touch the budget.
func TestRecount_otherPeriod(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "100", "day")
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { setBudget(owner, "key", key.id, "3", "total") }))
	gw.report(gw.event(key, "late", apitest.Map{"cost_usd": 3, "at": w.Clock.Now().AddDate(0, 0, -2)})).want(t, 1, 0, 0, 0)
	mend()
	wantBudget(t, owner, "key", key.id, "0")
	w.Clock.Advance(2 * time.Minute)
	mails := len(w.Mail.To(owner.Email))
	w.Sweep()
	wantBudget(t, owner, "key", key.id, "3")
	gw.wantVerdict(key, "budget_exceeded")
	if told := len(w.Mail.To(owner.Email)) - mails; told != 3 {
		t.Errorf("the owner was told %d times", told)
	}
}

// And when credits are opened.
func TestRecount_credits(t *testing.T) {
	w := apitest.Alone(t, prepaid)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { gw.wantVerdict(key, "ok") }))
	gw.report(gw.event(key, "on its way", apitest.Map{"cost_usd": 6})).want(t, 1, 0, 0, 0)
	mend()
	gw.wantVerdict(key, "ok")
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	gw.wantVerdict(key, "credits_exhausted")
}

// Events that are counted while a budget is recounted are in it once, and so is what was
// missed, whoever comes first and however often; reservations stay held.
func TestRecount_amongEvents(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { setBudget(owner, "key", key.id, "100", "month") }))
	gw.report(gw.event(key, "on its way", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	mend()
	if r := gw.reserve(key, "10"); r.Get("code") != "ok" {
		t.Fatalf("%s", r.Body)
	}
	w.Clock.Advance(70 * time.Second)
	n := 0
	defer w.Wire.Break(apitest.Meanwhile("UpdateItem", func() { // when the recount is about to be saved
		n++
		gw.report(gw.event(key, fmt.Sprint(n), apitest.Map{"cost_usd": 1})).want(t, 1, 0, 0, 0)
	}))()
	sweeps := apitest.Race(apitest.Times(3, func() *apitest.Reply { w.Sweep(); return nil })...)
	if n != 1 || len(sweeps) != 3 {
		t.Errorf("%d events came in between", n)
	}
	wantBudget(t, owner, "key", key.id, "3")
	w.Clock.Advance(-70 * time.Second)
	if got := owner.Do("GET", "/v1/budgets/key/"+key.id, nil).Get("reserved_usd"); got != "10" {
		t.Errorf("$%s are reserved", got)
	}
}

// What a period has missed is not added to the next one, though nothing is spent in either.
func TestRecount_periodEnds(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner, _ = owner.WithKey("manage")
	late := w.Clock.Now().Truncate(24 * time.Hour).Add(48*time.Hour - 10*time.Minute)
	w.Clock.Advance(late.Sub(w.Clock.Now()))
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { setBudget(owner, "key", key.id, "100", "day") }))
	gw.report(gw.event(key, "on its way", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	mend()
	w.Clock.Advance(2 * time.Minute)
	mend = w.Wire.Break(apitest.Meanwhile("UpdateItem", func() { // when the recount is about to be saved
		w.Clock.Advance(10 * time.Minute)
		gw.reserve(key, "1")
	}))
	if report := w.Sweep(); report.Failed != 0 {
		t.Errorf("%+v", report)
	}
	mend()
	wantBudget(t, owner, "key", key.id, "0")
}

// A budget that is gone, or another by then, is left alone; one whose period is over begins
// the next one as all do.
func TestRecount_goneMeanwhile(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner, _ = owner.WithKey("manage")
	setBudget(owner, "member", owner.ID, "100", "total") // a day later, a month may be over
	setBudget(owner, "key", key.id, "100", "day")
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	w.Clock.Advance(25 * time.Hour)
	remove := sync.OnceFunc(func() { owner.Do("DELETE", "/v1/budgets/member/"+owner.ID, nil).Want(204) })
	defer w.Wire.Break(func(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "Query" && bytes.Contains(c.Body, []byte("SPEND#")) {
			remove()
		}
		return send()
	})()
	if report := w.Sweep(); report.Failed != 0 {
		t.Errorf("%+v", report)
	}
	wantBudget(t, owner, "key", key.id, "0")
	owner.Do("GET", "/v1/budgets/member/"+owner.ID, nil).WantProblem(404, "not_found")
	w.CheckInvariants()
}
