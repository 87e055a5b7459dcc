package apitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// What prepaid orgs may spend is opened once, with all that was paid and held meanwhile.
func TestStale_creditsAreOpenedOnce(t *testing.T) {
	w := apitest.New(t, prepaid)
	for name, c := range map[string]struct {
		call, meanwhile func(gw biller, key payer, orgID string)
		limit           string
	}{
		"a top-up meets the opening": {topUp, askOnce, "6"},
		"the opening meets a top-up": {askOnce, topUp, "6"},
		"the opening meets another that is used": {askOnce, func(gw biller, key payer, _ string) {
			gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 5})).want(t, 1, 0, 0, 0)
			gw.wantVerdict(key, "credits_exhausted")
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			owner, gw := w.In(t).SignUp("Acme"), billerOf(w.In(t))
			key := pay(owner)
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { c.meanwhile(gw, key, owner.OrgID) }))
			c.call(gw, key, owner.OrgID)
			mend()
			if c.limit == "" {
				gw.wantVerdict(key, "credits_exhausted") // what was spent meanwhile is not forgotten
			}
			gw.report(gw.event(key, "last", apitest.Map{"cost_usd": 100})).want(t, 1, 0, 0, 0)
			if got := gw.wantVerdict(key, "credits_exhausted").Get("blocked_by.limit_usd"); c.limit != "" && got != c.limit {
				t.Errorf("it may spend $%s, want $%s", got, c.limit)
			}
		})
	}
}

// A budget whose limit changes while its alert is sent is told of once.
func TestStale_alertsAreSentOnce(t *testing.T) {
	w := apitest.Alone(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "key", key.id, "1", "total")
	mend := w.Wire.Break(func(c apitest.Call, r *httpRequest, send sender) (*httpResponse, error) {
		if c.Operation == "TransactWriteItems" && strings.Contains(string(c.Body), "NOTICE#") {
			return nil, apitest.ErrWire // the alert waits for the sweep
		}
		return send()
	})
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.6"})).want(t, 1, 0, 0, 0)
	mend()
	wantAlerts(t, owner)
	w.Clock.Advance(2 * time.Minute)
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { w.Sweep() }))
	setBudget(owner, "key", key.id, "1.1", "total")
	mend()
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	wantAlerts(t, owner, "key 50%")
}

// Months that two reconciliations close at once stay closed as far as the later one got.
func TestStale_monthsStayClosed(t *testing.T) {
	w := apitest.Alone(t)
	org, now := w.SignUp("Acme").OrgID, w.Clock.Now()
	closeMonths := func(now time.Time) {
		if err := w.Store.CloseMonths(t.Context(), org, now); err != nil {
			t.Error(err)
		}
	}
	mend := w.Wire.Break(apitest.Meanwhile("UpdateItem", func() { closeMonths(now.AddDate(2, 0, 0)) }))
	closeMonths(now.AddDate(1, 0, 0))
	mend()
	before, _, err := w.Store.ClosedMonths(t.Context(), org)
	if want := spend.OpenSince(now.AddDate(2, 0, 0)); err != nil || !before.Equal(want) {
		t.Errorf("closed before %v, %v, want %v", before, err, want)
	}
}

// An org that goes while its credits are opened has none opened, and no good keys.
func TestStale_creditsOfAnOrgThatGoes(t *testing.T) {
	w := apitest.Alone(t, prepaid)
	s, gw := shop{Cast: apitest.Cast{Owner: w.SignUp("Acme")}}, billerOf(w)
	key := pay(s.Owner)
	mend := w.Wire.Break(apitest.BeforeWrite("BUDGET#credits", s.deleteOrg))
	gw.wantVerdict(key, "org_deleted")
	mend()
	for _, row := range w.Rows() {
		if strings.HasPrefix(row.Text("sk"), "BUDGET#") {
			t.Errorf("opened: %v", row)
		}
	}
}

func askOnce(gw biller, key payer, _ string) { gw.verdict(key) }

func topUp(gw biller, _ payer, orgID string) {
	gw.Helper()
	gw.Do("POST", "/v1/billing/credits", apitest.Map{"org_id": orgID, "amount_usd": 1}).Want(201)
}

// What is held is held of the budget as it is: not above a limit that was lowered, and of
// the one that was set anew, so that settling sets it free.
func TestStale_reservations(t *testing.T) {
	w := apitest.New(t)
	s, gw := openShop(t, w), billerOf(w)
	key := pay(s.Member)
	gw.verdict(key)
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { s.setLimit(s.Owner, 1) }))
	if r := gw.reserve(key, "5"); r.Get("code") != "budget_exceeded" {
		t.Errorf("$5 of $1 are held: %s", r.Body)
	}
	mend()
	s.setLimit(s.Owner, 10)
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		s.Owner.Do("DELETE", s.budget(), nil).Want(204)
		s.setLimit(s.Owner, 10)
	}))
	id := gw.reserve(key, "5").Get("reservation_id")
	mend()
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 1, "reservation_id": id})).want(t, 1, 0, 0, 0)
	if r := s.Owner.Do("GET", s.budget(), nil); r.Get("reserved_usd") != "0" || r.Get("spent_usd") != "1" {
		t.Errorf("%s", r.Body)
	}
}

// A budget that was set anew while another period is set stays the new one; spend of a new
// period that begins meanwhile, of the same amount as the one before, is not lost.
func TestStale_periods(t *testing.T) {
	w := apitest.Alone(t)
	s, gw := openShop(t, w), billerOf(w)
	key := pay(s.Member)
	revision := func() (found string) {
		for _, row := range w.Rows() {
			if row.Text("sk") == "BUDGET#org#"+s.Owner.OrgID {
				found = row.Text("revision")
			}
		}
		return found
	}
	var anew string
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		s.Owner.Do("DELETE", s.budget(), nil).Want(204)
		s.setLimit(s.Owner, 10)
		anew = revision()
	}))
	s.terms(s.Admin, 10, "day").Want(200)
	mend()
	if got := revision(); got != anew || anew == "" {
		t.Errorf("the budget is %s, and was set anew as %s", got, anew)
	}

	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	w.Clock.Advance(24 * time.Hour)
	manager, _ := s.Owner.WithKey("manage")
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		gw.report(gw.event(key, "2", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	}))
	s.terms(manager, 10, "total").Want(200)
	mend()
	if r := manager.Do("GET", s.budget(), nil).Want(200); r.Get("spent_usd") != "4" {
		t.Errorf("$4 are spent: %s", r.Body)
	}
}

// An event that costs nothing begins a period too, so that one of the last period which
// comes with it counts to neither.
func TestBudgets_freeEventBeginsAPeriod(t *testing.T) {
	w := apitest.Alone(t)
	evening := time.Date(2036, 10, 30, 22, 0, 0, 0, time.UTC)
	defer w.Clock.Stop(evening)()
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "org", owner.OrgID, "10", "day")
	w.Clock.Stop(evening.Add(2 * time.Hour))
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 0}), gw.event(key, "2", apitest.Map{"cost_usd": 1, "at": evening.Format(time.RFC3339)})).want(t, 2, 0, 0, 0)
	if got := owner.Do("GET", "/v1/budgets/org/"+owner.OrgID, nil).Want(200).Get("spent_usd"); got != "0" {
		t.Errorf("the new day has spent $%s", got)
	}
	w.CheckInvariants()
}
