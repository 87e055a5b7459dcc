package pages

import (
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/ident"
)

// names reads what the members, teams and keys are called that entries tell of by id, those
// that are gone too.
func (d Dashboard) names(v visit, entries []audit.Entry) (spendLabels, error) {
	var refs []budgets.Ref
	for _, e := range entries {
		if ref, is := budgetOf(e.Target); is {
			refs = append(refs, ref)
		}
		for _, values := range []map[string]any{e.Before, e.After} {
			refs = append(refs, memberRef(idIn(values, "user_id")), teamRef(idIn(values, "team_id")))
		}
	}
	return d.Reports.Spend.Labels(v.r.Context(), v.actor(), budgets.Ref{}, refs)
}

// idIn is the id among an entry's values; empty if there is none.
func idIn(values map[string]any, name string) string {
	id, _ := values[name].(string)
	if !ident.Valid(id) {
		return ""
	}
	return id
}

// budgetOf is what a target is the budget of, if it is a budget.
func budgetOf(t audit.Target) (of budgets.Ref, is bool) {
	return budgets.Ref{Scope: budgets.Scope(t.Name), ID: t.ID}, t.Type == audit.Budget
}

// target is what to call what was done something to, and what kind of thing that is.
func (l spendLabels) target(t audit.Target) (name, kind string) {
	of, is := budgetOf(t)
	if !is {
		return or(t.Name, t.ID), or(kindWords[t.Type], string(t.Type))
	}
	return calledAfter(l[of].Name, l[of].Email, t.ID).Label, or(budgetKinds[of.Scope], "budget")
}

// kindWords are kinds of targets, where their own names are no words.
var kindWords = map[audit.Kind]string{audit.Org: "organization"}

// budgetKinds say what a budget is of.
var budgetKinds = map[budgets.Scope]string{
	budgets.Org: "organization’s budget", budgets.Team: "team’s budget", budgets.Member: "member’s budget", budgets.Key: "key’s budget",
}
