package mail

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// A budget's mail says how much, of how much, for how long, as people do.
func TestBudgetAlert_words(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 30, 0, 0, time.UTC) // a Wednesday
	for _, c := range []struct {
		scope  budgets.Scope
		name   string
		spent  money.Amount
		limit  money.Amount
		period budgets.Period
		want   []string
	}{
		{budgets.Team, "Platform", 850 * money.Dollar / 1000, money.Dollar, budgets.Month, []string{
			"the budget of the team", "Platform", "$0.85 of $1.00", "this month (November 2026)", "resets on 1 December"}},
		{budgets.Org, "", 1050 * money.Dollar, 1000 * money.Dollar, budgets.Week, []string{
			"the budget of the organization", "$1,050.00 of $1,000.00", "this week (23 to 29 November 2026)", "resets on Monday, 30 November"}},
		{budgets.Key, "ci", 39 * money.Dollar / 100_000, 5 * money.Dollar / 10_000, budgets.Day, []string{
			"the budget of the key", "$0.00039 of $0.0005", "today (Wednesday, 25 November 2026)", "resets at midnight UTC"}},
		{budgets.Credits, "", 4 * money.Dollar, 5 * money.Dollar, budgets.Total, []string{
			"the use of credits", "$4.00 of $5.00", "in total", "never resets"}},
	} {
		m, o := newMailer()
		l := budgets.Letter{OrgName: "Acme", Name: c.name, Alert: budgets.Alert{
			Scope: c.scope, Percent: 100, Limit: c.limit, Spent: c.spent, Period: c.period, ResetsAt: c.period.End(c.period.Start(now)),
		}}
		if err := m.SendBudgetAlert(t.Context(), "bob@acme.com", l); err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{textOf(o.sent[0]), htmlOf(o.sent[0])} {
			for _, want := range append(c.want, "has reached 100% of its limit") {
				if !strings.Contains(part, want) {
					t.Errorf("%s: there is no %q in\n%s", c.period, want, part)
				}
			}
		}
	}
}
