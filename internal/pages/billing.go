package pages

import (
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
)

// billingData is what was paid for and what is left of it.
type billingData struct {
	frame
	Left    string
	Owed    bool // more was spent than paid for
	Figures []figure
	Prepaid bool
	Month   string // of the ledger
	Used    string // in that month
	Rows    []ledgerRow
	Notes   bool   // some row has one
	Earlier string // months, empty if there are none
	Later   string
}

// ledgerRow is one entry.
type ledgerRow struct {
	Day, What, Note, Amount string
	In                      bool // it adds to the balance
	Spend                   string
}

var billingPage = newBoardPage[billingData]("billing.html")

// ledgerWords are what entries are.
var ledgerWords = map[credits.Kind]string{credits.Grant: "Granted", credits.TopUp: "Added", credits.Usage: "Used"}

func (d Dashboard) getBilling(v visit) error {
	if err := authz.CheckOrg(v.actor(), authz.BillingRead); err != nil {
		return err
	}
	month := v.now
	if asked := v.query("month"); asked != "" {
		var err error
		if month, err = time.Parse("2006-01", asked); err != nil {
			return errMonth
		}
	}
	s, err := d.Reports.Billing.Statement(v.r.Context(), v.actor(), v.caller.Org, month)
	if err != nil {
		return err
	}
	data := billingData{
		frame: v.frame("billing", "Billing"), Prepaid: d.Reports.Prepaid, Left: usd(s.Left()), Owed: s.Left() < 0,
		Figures: []figure{{"Credits", usd(s.Credits)}, {"Spent", usd(s.Spent)}}, Month: s.Month.Format("January 2006"),
	}
	var used money.Amount
	for _, e := range s.Entries {
		data.Rows = append(data.Rows, v.ledgerRow(e))
		data.Notes = data.Notes || e.Note != ""
		if e.Kind == credits.Usage {
			used -= e.Amount
		}
	}
	data.Used = usd(used)
	if s.Month.After(s.First) {
		data.Earlier = v.link("billing", "month", s.Month.AddDate(0, -1, 0).Format("2006-01"))
	}
	if next := s.Month.AddDate(0, 1, 0); next.Before(v.now) {
		data.Later = v.link("billing", "month", next.Format("2006-01"))
	}
	billingPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

var errMonth = fault.BadField("query.month", "Months are written like 2030-12.")

func (v visit) ledgerRow(e credits.Entry) ledgerRow {
	row := ledgerRow{Day: e.At.UTC().Format("2 Jan 2006"), What: ledgerWords[e.Kind], Note: e.Note, Amount: usd(e.Amount), In: e.Amount > 0}
	if row.In {
		row.Amount = "+" + row.Amount
	}
	if e.Kind == credits.Usage {
		on := e.At.UTC().Format(time.DateOnly)
		row.Spend = v.link("spend", "from", on, "to", on)
	}
	return row
}
