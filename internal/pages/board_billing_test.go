package pages_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

func TestBoard_billing(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Viewer)
	says(t, b.open("/billing").Want(200), `id="balance">$5.00<`, "Granted", "+$5.00", "Keys go on working")
	spends(cast.Member, "gpt-4o", "7.5")
	b.Gateway().Do("POST", "/v1/billing/credits", apitest.Map{"org_id": b.OrgID, "amount_usd": "1", "note": "Invoice <7>"}).Want(201)
	r := b.open("/billing").Want(200)
	says(t, r, `tile-owed" id="balance">−$1.50<`, "Invoice <7>", "−$7.50", "$7.50 used", "/spend?from=", "Earlier month")
	silent(t, r, "Later month")
	earlier := b.Clock.Now().AddDate(0, 0, 1-b.Clock.Now().Day()).AddDate(0, -1, 0)
	says(t, b.open("/billing?month="+earlier.Format("2006-01")).Want(200), "−$1.50", "Nothing was added or used", "Later month")
	for _, bad := range []string{"soon", "2001-01", "2999-01"} {
		b.open("/billing?month=" + bad).Want(422)
	}
	says(t, browse(cast.Admin).open("/billing").Want(403), "Not with your role")
	silent(t, browse(cast.Admin).open("/team"), "/billing")
}

func TestBoard_billingPrepaid(t *testing.T) {
	b := browse(apitest.New(t, func(s *wiring.Settings) { s.Prepaid = true }).SignUp("Acme"))
	says(t, b.open("/billing").Want(200), "Prepaid", "the gateway refuses all keys of Acme until credits are added")
}

// The page of an org with years behind it reads no more than that of a young one, and any of
// its months can be looked at.
func TestBoard_billingOld(t *testing.T) {
	w := apitest.Alone(t)
	w.Clock.ToMidMonth() // every month has that day
	b := browse(w.SignUp("Acme"))
	begin := b.Clock.Now()
	for month := range 9 {
		b.Clock.Advance(begin.AddDate(0, month, 0).Sub(b.Clock.Now()))
		b.Person = b.SignIn()
		spends(b.Person, "gpt-4o", "2")
	}
	if _, err := b.Reconciler.Reconcile(t.Context(), spend.Period{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/billing", "/billing?month=" + begin.Format("2006-01")} {
		calls := b.Wire.Record(func() { says(t, b.open(path).Want(200), `id="balance">−$13.00<`, "$2.00 used") })
		if len(calls) > 7 { // three months and the closed ones, side by side
			t.Errorf("%s takes %d calls", path, len(calls))
		}
	}
}
