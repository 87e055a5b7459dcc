package apitest_test

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// Transactions that change one budget would conflict, and be paid for at each try: those of a
// batch go one after the other. Without a budget in common they go at once.
func TestSpend_oneBudgetOneTransaction(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	most := func(name string) int32 {
		var now, most atomic.Int32
		defer w.Wire.Break(func(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
			if c.Operation == "TransactWriteItems" && bytes.Contains(c.Body, []byte("EVENT#")) {
				most.Store(max(most.Load(), now.Add(1)))
				defer now.Add(-1)
				time.Sleep(50 * time.Millisecond)
			}
			return send()
		})()
		gw.report(gw.thousand(name, []payer{key})[:400]...).want(t, 400, 0, 0, 0)
		return most.Load()
	}
	if n := most("free"); n < 2 {
		t.Errorf("%d at once", n)
	}
	setBudget(owner, "org", owner.OrgID, "100", "month")
	if n := most("bound"); n != 1 {
		t.Errorf("%d at once, of one budget", n)
	}
	wantBudget(t, owner, "org", owner.OrgID, "0.8")
}

// A batch that crosses lines is refused twice at most: what one of its transactions finds out
// about a budget, the next ones know. Only a small last one may not foresee that it crosses.
func TestSpend_crossingLines(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "2.5", "month")
	transactions := func(name string) (n int) {
		for _, c := range w.Wire.Record(func() { gw.report(gw.thousand(name, []payer{key})...).want(t, 1000, 0, 0, 0) }) {
			if c.Operation == "TransactWriteItems" && bytes.Contains(c.Body, []byte("EVENT#")) {
				n++
			}
		}
		return n
	}
	below := transactions("below")
	if over := transactions("over"); over > below+2 {
		t.Errorf("%d transactions, and %d for a batch that crosses nothing", over, below)
	}
	wantBudget(t, owner, "key", key.id, "2")
}
