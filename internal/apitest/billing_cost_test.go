package apitest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// The balance of an old org is read for as much as that of a young one:
// months that are past are added up once.
func TestBilling_cost(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	owner, _ = owner.WithKey("manage")
	begin, months := w.Clock.Now(), 15
	for m := range months {
		w.Clock.Advance(begin.AddDate(0, m, 0).Sub(w.Clock.Now()))
		gw.report(gw.event(key, fmt.Sprint(m), apitest.Map{"cost_usd": 1})).want(t, 1, 0, 0, 0)
	}
	want := fmt.Sprint(5 - months)
	for _, c := range []struct{ before, reconciled bool }{{}, {reconciled: true}} {
		if c.reconciled {
			reconcile(w, spend.Period{})
			reconcile(w, spend.Period{OrgID: owner.OrgID}) // again
		}
		cost := spendCostOf(w, func() { wantBalance(t, owner, want) })
		t.Logf("reconciled %v: %.1f RCU, %d round trips", c.reconciled, cost.read, cost.trips)
		if c.reconciled && cost.trips > 10 {
			t.Errorf("%+v", cost)
		}
	}
	late := gw.event(key, "late", apitest.Map{"cost_usd": 1, "at": w.Clock.Now().Add(-spend.MaxAge + time.Hour)})
	gw.report(late).want(t, 1, 0, 0, 0)
	wantBalance(t, owner, fmt.Sprint(5-months-1))
	w.Clock.Advance(100 * 24 * time.Hour)
	for range 2 {
		wantBalance(t, owner, fmt.Sprint(5-months-1))
		reconcile(w, spend.Period{})
	}
	setBudget(owner, "org", owner.OrgID, "100", "total")
	wantBudget(t, owner, "org", owner.OrgID, fmt.Sprint(months+1))
	owner.Do("PUT", "/v1/budgets/team/"+owner.TeamID, apitest.Map{"limit_usd": 50, "period": "total"}).Want(200)
	wantBudget(t, owner, "team", owner.TeamID, fmt.Sprint(months+1))
}
