package mail

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/budgets"
)

var budgetAlert = newLetter[budgetData]("budget_alert", "A budget on nemo-team is being spent")

type budgetData struct {
	budgets.Letter
	Of   string // what the budget is of
	Link string
}

// SendBudgetAlert tells an owner or admin how much of a budget is spent.
func (m Mailer) SendBudgetAlert(ctx context.Context, to string, l budgets.Letter) error {
	of := map[budgets.Scope]string{
		budgets.Org: "the organization", budgets.Team: "the team", budgets.Member: "the member", budgets.Key: "the key",
		budgets.Credits: "the credits",
	}[l.Scope]
	return budgetAlert.send(ctx, m, to, budgetData{l, of, m.link("/signin")}, map[string]string{TagOrgID: l.OrgID})
}
