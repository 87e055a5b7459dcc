package mail

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/figures"
)

var budgetAlert = newLetter[budgetData]("budget_alert", "A budget on nemo-team is being spent")

type budgetData struct {
	budgets.Letter
	Of           string // what the budget is of
	Spent, Limit string
	span
	Link string
}

// budgetsOf are budgets in words. The name of the thing follows.
var budgetsOf = map[budgets.Scope]string{
	budgets.Org: "the budget of the organization", budgets.Team: "the budget of the team", budgets.Member: "the budget of the member",
	budgets.Key: "the budget of the key", budgets.Credits: "the use of credits",
}

// SendBudgetAlert tells an owner or admin how much of a budget is spent.
func (m Mailer) SendBudgetAlert(ctx context.Context, to string, l budgets.Letter) error {
	return budgetAlert.send(ctx, m, to, budgetData{
		Letter: l, Of: budgetsOf[l.Scope], Spent: figures.USD(l.Spent), Limit: figures.USD(l.Limit),
		span: spanOf(l.Period, l.ResetsAt), Link: m.link("/signin"),
	}, map[string]string{feedback.TagOrgID: l.OrgID})
}

// span is the time that a budget is for, and when it begins anew, in words.
type span struct{ Span, Resets string }

// spanOf is the period that ends at a time; one without an end never begins anew.
func spanOf(p budgets.Period, end time.Time) span {
	end = end.UTC()
	first, last := end.AddDate(0, 0, -7), end.AddDate(0, 0, -1) // of a week
	switch p {
	case budgets.Day:
		return span{"today (" + last.Format("Monday, 2 January 2006") + ")", "resets at midnight UTC"}
	case budgets.Week:
		from := first.Format("2 January")
		if first.Month() == last.Month() {
			from = first.Format("2")
		}
		return span{"this week (" + from + " to " + last.Format("2 January 2006") + ")", "resets on Monday, " + end.Format("2 January")}
	case budgets.Month:
		return span{"this month (" + last.Format("January 2006") + ")", "resets on " + end.Format("2 January")}
	default:
		return span{"in total", "never resets"}
	}
}
