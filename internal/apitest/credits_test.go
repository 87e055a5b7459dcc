package apitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

func prepaid(s *wiring.Settings) { s.Prepaid = true }

func wantBalance(t *testing.T, p *apitest.Person, want string) {
	t.Helper()
	if got := p.Do("GET", "/v1/billing", nil).Want(200).Get("balance_usd"); got != want {
		t.Errorf("the balance is $%s, want $%s", got, want)
	}
}

// A prepaid org may spend its five dollars, and more when it has bought more.
func TestCredits_prepaid(t *testing.T) {
	w := apitest.New(t, prepaid)
	org, gw := w.Cast(), billerOf(w)
	key := pay(org.Member)
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	gw.wantVerdict(key, "ok")
	wantBalance(t, org.Owner, "3")
	gw.report(gw.event(key, "2", apitest.Map{"cost_usd": "3.5"})).want(t, 1, 0, 0, 0)
	wantBalance(t, org.Viewer, "-0.5")
	r := gw.wantVerdict(key, "credits_exhausted")
	if r.Get("blocked_by.scope") != "credits" || r.Get("blocked_by.limit_usd") != "5" || r.Get("blocked_by.spent_usd") != "5.5" {
		t.Errorf("%s", r.Body)
	}
	topUp := apitest.Map{"org_id": org.Owner.OrgID, "amount_usd": 10, "note": "invoice 7"}
	for range 2 { // once
		gw.Do("POST", "/v1/billing/credits", topUp, "Idempotency-Key", org.Owner.OrgID).Want(201)
	}
	wantBalance(t, org.Owner, "9.5")
	gw.wantVerdict(key, "ok")
	if r := gw.reserve(key, "9.6"); r.Get("code") != "credits_exhausted" {
		t.Errorf("%s", r.Body)
	}
	rows := org.Owner.List("/v1/billing/ledger")
	kinds := map[any]any{}
	for _, row := range rows {
		kinds[row["kind"]] = row["amount_usd"]
	}
	if len(rows) != 3 || kinds["grant"] != "5" || kinds["top_up"] != "10" || kinds["usage"] != "-5.5" {
		t.Errorf("%v", rows)
	}
	if n := org.Owner.Recorded("credits.added"); n != 1 {
		t.Errorf("%d entries", n)
	}
	if rows := org.Owner.List("/v1/budgets"); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
	org.Admin.Do("GET", "/v1/billing", nil).WantProblem(403, "forbidden")
	org.Member.Do("GET", "/v1/billing/ledger", nil).WantProblem(403, "forbidden")
	org.Owner.Do("POST", "/v1/billing/credits", topUp).WantProblem(401, "unauthorized")
	stranger := apitest.Person{World: w, Token: "nemo_gateway_" + strings.Repeat("A", 43)}
	stranger.Do("POST", "/v1/billing/credits", topUp, "Idempotency-Key", org.Owner.OrgID).WantProblem(401, "unauthorized")
	gw.Do("POST", "/v1/billing/credits", apitest.Map{"org_id": w.NoID(), "amount_usd": 1}).WantProblem(404, "not_found")
	gw.Do("POST", "/v1/billing/credits", apitest.Map{"org_id": org.Owner.OrgID, "amount_usd": 0}).WantProblem(422, "validation_failed")
}

// Unless it is asked for, nobody is stopped by a balance.
func TestCredits_offByDefault(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 7})).want(t, 1, 0, 0, 0)
	gw.wantVerdict(key, "ok")
	wantBalance(t, owner, "-2")
}

// Top-ups while the credits are opened are not lost.
func TestCredits_race(t *testing.T) {
	w := apitest.New(t, prepaid)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	var calls []func() *apitest.Reply
	for range 8 {
		calls = append(calls,
			func() *apitest.Reply {
				return gw.Do("POST", "/v1/billing/credits", apitest.Map{"org_id": owner.OrgID, "amount_usd": 1})
			},
			func() *apitest.Reply { return gw.Do("POST", "/v1/keys/verify", apitest.Map{"key_hash": key.hash}) })
	}
	for _, r := range apitest.Race(calls...) {
		if r.Status != 200 && r.Status != 201 {
			t.Errorf("%s", r.Body)
		}
	}
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 13})).want(t, 1, 0, 0, 0)
	if r := gw.wantVerdict(key, "credits_exhausted"); r.Get("blocked_by.limit_usd") != "13" {
		t.Errorf("%s", r.Body)
	}
	wantBalance(t, owner, "0")
}

// An org that is deleted while its credits are opened has none, and the gateway hears why.
func TestCredits_deletedMeanwhile(t *testing.T) {
	w := apitest.New(t, prepaid)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	slug := owner.Do("GET", "/v1/org", nil).Get("slug")
	defer w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)
	}))()
	begin := time.Now()
	gw.wantVerdict(key, "org_deleted")
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Nothing was ever booked before there were clocks, or after the last day.
func TestCredits_ledgerOfOtherTimes(t *testing.T) {
	w := apitest.New(t, prepaid)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	gw.report(gw.event(pay(owner), "1")).want(t, 1, 0, 0, 0)
	for _, of := range []string{
		"from=1969-01-01&to=1969-06-01", "from=1969-12-31&to=1970-01-01", "from=0001-01-01&to=0001-02-01", "from=9999-01-01&to=9999-02-01",
	} {
		if rows := owner.List("/v1/billing/ledger?" + of); len(rows) != 0 {
			t.Errorf("%s: %v", of, rows)
		}
	}
}
