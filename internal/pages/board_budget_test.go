package pages_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// Every budget is set, shown, changed and removed in the same way.
func TestBoard_budgets(t *testing.T) {
	cast := apitest.New(t).Cast()
	key := spends(cast.Member, "gpt-4o", "4")
	b := browse(cast.Admin)
	for _, c := range []struct{ page, scope, id, lead string }{
		{"/spend", "org", cast.Owner.OrgID, "What Acme may spend."},
		{"/teams", "team", cast.Owner.TeamID, "What the team “Default” may spend."},
		{"/team", "member", cast.Member.ID, cast.Member.Email},
		{"/keys", "key", key, "What the key “spender” may spend."},
	} {
		form := c.page + "?do=budget&id=" + c.id
		says(t, b.open(form).Want(200), "Set a budget", c.lead, `value="50, 80, 100"`, `value="month" required checked`)
		done(t, b, b.send(c.page, "do", "budget", "id", c.id, "limit_usd", "$ 1,000", "period", "month", "alerts", "90%"), "budget-set")
		says(t, b.open(c.page).Want(200), "<strong>$4.00</strong> of $1,000.00 a month", "<1%")
		says(t, b.open(form).Want(200), "Change the budget", `value="1000"`, `value="90"`)
		done(t, b, b.send(c.page, "do", "budget", "id", c.id, "limit_usd", "4", "period", "week", "alerts", ""), "budget-set")
		says(t, browse(cast.Viewer).open(c.page).Want(200), "of $4.00 a week", "Spent: requests are refused until")
		r := cast.Owner.Do("GET", "/v1/budgets/"+c.scope+"/"+c.id, nil).Want(200)
		if r.Get("period") != "week" || r.Get("alerts") != "[]" {
			t.Errorf("%s: %s", c.page, r.Body)
		}
		says(t, b.open(c.page+"?do=unbudget&id="+c.id).Want(200), "Remove the budget of", "$4.00 of $4.00 a week is spent")
		done(t, b, b.send(c.page, "do", "unbudget", "id", c.id), "budget-gone")
		silent(t, b.open(c.page), "of $4.00")
		b.open(c.page + "?do=unbudget&id=" + c.id).Want(404)
	}
}

func TestBoard_budgetsAreRefusedInWords(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	for _, c := range []struct{ limit, period, alerts, says string }{
		{"much", "month", "", "limit_usd-error"},
		{"-1", "month", "", "limit_usd-error"},
		{"", "month", "", "limit_usd-error"},
		{"1e12", "month", "", "limit_usd-error"},
		{"2,50", "month", "", "such as 2.50 or 1,000"},
		{"1", "month", "half", "alerts-error"},
		{"1", "month", "0", "alerts-error"},
		{"1", "year", "", "A period is day, week, month or total."},
	} {
		r := b.send("/spend", "do", "budget", "id", b.OrgID, "limit_usd", c.limit, "period", c.period, "alerts", c.alerts).Want(422)
		says(t, r, c.says, `value="`+c.limit+`"`, `value="`+c.alerts+`"`)
	}
	if n := len(b.List("/v1/budgets")); n != 0 {
		t.Errorf("%d budgets", n)
	}
}

// The bar's colour and the words tell the same.
func TestBoard_budgetsTellHowMuchIsUsed(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	spends(b.Person, "gpt-4o", "4")
	for limit, want := range map[string][]string{
		"100": {"budget-low", ">4%<"},
		"8":   {"budget-half", ">50%<", "More than half is spent"},
		"5":   {"budget-high", ">80%<", "Nearly spent"},
		"2":   {"budget-spent", ">200%<", `class="meter-used" width="100"`, "requests are refused until"},
		"0":   {"budget-spent", ">100%<"},
	} {
		limits(b.Person, "org", b.OrgID, limit)
		says(t, b.open("/spend").Want(200), want...)
	}
}
