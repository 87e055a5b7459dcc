package apitest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// alerts are the kinds of budget alerts that were mailed to somebody.
func alerts(p *apitest.Person) (kinds []string) {
	for _, m := range p.Mail.To(p.Email) {
		if kind, ok := strings.CutPrefix(m.Kind, "budget-alert "); ok {
			kinds = append(kinds, kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

func wantAlerts(t *testing.T, p *apitest.Person, want ...string) {
	t.Helper()
	if got := alerts(p); !slices.Equal(got, want) {
		t.Errorf("%s got the alerts %q, want %q", p.Email, got, want)
	}
}

// Each line is told of once in each period, to owner and admins, however many batches
// cross it together.
func TestAlert_onceEach(t *testing.T) {
	w := apitest.New(t)
	org, gw := w.Cast(), billerOf(w)
	key := pay(org.Member)
	admin, _ := org.Admin.WithKey("manage")
	setBudget(org.Admin, "key", key.id, "1", "day")
	noon := w.Clock.Now().Truncate(24 * time.Hour).Add(36 * time.Hour)
	w.Clock.Advance(noon.Sub(w.Clock.Now()))
	n := 0
	burst := func(usd string) {
		var calls []func() *apitest.Reply
		for range 8 {
			n++
			e := gw.event(key, fmt.Sprint(n), apitest.Map{"cost_usd": usd})
			calls = append(calls, func() *apitest.Reply { return gw.Do("POST", "/v1/spend/events", []apitest.Map{e, e}) })
		}
		for _, r := range apitest.Race(calls...) {
			r.Want(200)
		}
	}
	burst("0.06") // 0.48
	wantAlerts(t, org.Owner)
	burst("0.01") // 0.56
	wantAlerts(t, org.Owner, "key 50%")
	burst("0.06") // 1.04: two lines at once
	for _, p := range []*apitest.Person{org.Owner, org.Admin} {
		wantAlerts(t, p, "key 100%", "key 50%", "key 80%")
	}
	wantAlerts(t, org.Member)
	wantAlerts(t, org.Viewer)
	burst("0.1")
	wantAlerts(t, org.Owner, "key 100%", "key 50%", "key 80%")
	w.Clock.Advance(24 * time.Hour)
	burst("0.07")
	wantAlerts(t, org.Owner, "key 100%", "key 50%", "key 50%", "key 80%")
	admin.Do("PUT", "/v1/budgets/key/"+key.id, apitest.Map{"limit_usd": 1, "period": "day", "alerts": []int{}}).Want(200)
	burst("0.1")
	wantAlerts(t, org.Owner, "key 100%", "key 50%", "key 50%", "key 80%")
}

// An alert whose mail failed is sent by the sweep, and events count all the same.
func TestAlert_survivesFailingMail(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "org", owner.OrgID, "1", "total")
	w.Mail.Fail(true)
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.6"})).want(t, 1, 0, 0, 0)
	w.Mail.Fail(false)
	wantAlerts(t, owner)
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	wantAlerts(t, owner, "org 50%")
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	gw.report(gw.event(key, "2", apitest.Map{"cost_usd": "0.1"})).want(t, 1, 0, 0, 0)
	wantAlerts(t, owner, "org 50%")
}

// A higher limit has its lines told of anew; what is still reached is not told twice.
func TestAlert_higherLimit(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "10", "total")
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 10})).want(t, 1, 0, 0, 0)
	wantAlerts(t, owner, "key 100%", "key 50%", "key 80%")
	setBudget(owner, "key", key.id, "15", "total") // 10 of it is more than half
	gw.report(gw.event(key, "2", apitest.Map{"cost_usd": 1})).want(t, 1, 0, 0, 0)
	wantAlerts(t, owner, "key 100%", "key 50%", "key 80%")
	gw.report(gw.event(key, "3", apitest.Map{"cost_usd": 1})).want(t, 1, 0, 0, 0)
	wantAlerts(t, owner, "key 100%", "key 50%", "key 80%", "key 80%")
	setBudget(owner, "key", key.id, "1000", "total")
	gw.report(gw.event(key, "4", apitest.Map{"cost_usd": 488})).want(t, 1, 0, 0, 0)
	wantAlerts(t, owner, "key 100%", "key 50%", "key 50%", "key 80%", "key 80%")
}

// A line that is another one by the time at which it would be told of is not told of, nor
// taken for told: it is when it is crossed as it is then.
func TestAlert_ofTheBudgetAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(x till)
		later     int // dollars, which cross half of what the limit is then
	}{
		"a higher limit":    {func(x till) { setBudget(x.owner, "key", x.key.id, "100", "day") }, 45},
		"another period":    {func(x till) { x.set("month") }, 1},
		"the budget anew":   {func(x till) { x.setAnew("day") }, 1},
		"the next day":      {func(x till) { x.at(oneMoment); x.pay(1, "") }, 5},
		"another who tells": {func(x till) { x.pay(1, "") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			x := openTill(apitest.New(t), "day")
			mend := x.Wire.Break(apitest.BeforeWrite("NOTICE#", func() { c.meanwhile(x) }))
			x.pay(5, "")
			mend()
			if c.later > 0 {
				wantAlerts(t, x.owner)
				x.pay(c.later, "")
			}
			wantAlerts(t, x.owner, "key 50%")
		})
	}
}

// A budget may be set on what has spent more than it already. Its key is blocked at once, and
// sends no more events: the sweep tells.
func TestAlert_bornSpent(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	setBudget(owner, "key", key.id, "1", "total")
	gw.wantVerdict(key, "budget_exceeded")
	for range 2 {
		w.Clock.Advance(2 * time.Minute)
		w.Sweep()
		wantAlerts(t, owner, "key 100%", "key 50%", "key 80%")
	}
}

// Under a lower limit, what was spent is over lines that no event crosses. What was spent in a
// period that is over is over none.
func TestAlert_lowerLimit(t *testing.T) {
	x := openTill(apitest.Alone(t), "day")
	limit := func(usd string, then time.Duration) {
		setBudget(x.owner, "key", x.key.id, usd, "day")
		x.at(then)
		x.Sweep()
	}
	x.pay(4, "")
	x.at(oneMoment)
	limit("4", time.Hour)
	wantAlerts(t, x.owner)
	x.pay(3, "")
	wantAlerts(t, x.owner, "key 50%")
	limit("3", 2*time.Hour)
	wantAlerts(t, x.owner, "key 100%", "key 50%", "key 80%")
}

// Whoever takes a budget over a line may die before anybody is told, and what was counted is
// not sent again: the sweep tells, once.
func TestAlert_outlivesItsTeller(t *testing.T) {
	nothing := func() {}
	for name, c := range map[string]struct {
		period string
		cross  func(x till)
	}{
		"a batch":                              {"total", func(x till) { x.swept(); x.payDying(5, nothing) }},
		"a batch that begins a period":         {"day", func(x till) { x.swept(); x.payDying(5, nothing) }},
		"two together, neither of which would": {"total", func(x till) { x.swept(); x.payDying(3, func() { x.pay(3, "") }) }},
		"a batch, as a sweep has found nothing": {"total", func(x till) {
			x.pay(4, "")
			x.at(2 * time.Minute)
			defer x.Wire.Break(apitest.Meanwhile("UpdateItem", func() { x.payDying(1, nothing) }))()
			x.Sweep()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			x := openTill(apitest.Alone(t), c.period)
			c.cross(x)
			wantAlerts(t, x.owner)
			for minutes := range 2 {
				x.at(10*time.Minute + time.Duration(minutes)*time.Minute)
				x.Sweep()
				wantAlerts(t, x.owner, "key 50%")
			}
		})
	}
}

// swept lets the sweep look at the budget, which is new, and find nothing.
func (x till) swept() {
	x.at(2 * time.Minute)
	x.Sweep()
}

// payDying is pay by somebody who reads nothing any more once the event is counted. Just
// before it is, something may happen.
func (x till) payDying(usd int, meanwhile func()) {
	x.Helper()
	var struck, counted atomic.Bool
	defer x.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		switch {
		case c.Operation == "TransactWriteItems":
			if struck.CompareAndSwap(false, true) {
				meanwhile()
			}
			defer counted.Store(true)
		case counted.Load():
			return apitest.Says("ValidationException")(c, r, send)
		}
		return send()
	})()
	x.pay(usd, "")
}
