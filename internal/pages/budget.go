package pages

import (
	"slices"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
)

// budgetBox is a budget as the pages show it: how much of it is used, in a bar and in
// words, and where it can be changed.
type budgetBox struct {
	Spent, Limit string // no Limit: there is no budget
	Per          string // "a month"
	Percent      string
	Width        string // of the bar, of 100
	Tone         string
	Words        string // what follows from it; empty if nothing does yet
	Set, Remove  action // without Href, not offered
}

// budgetScopes are what budgets are of on each page.
var budgetScopes = map[string]budgets.Scope{
	"spend": budgets.Org, "teams": budgets.Team, "team": budgets.Member, "keys": budgets.Key,
}

// perPeriod are periods as one says what a limit is for.
var perPeriod = map[budgets.Period]string{
	budgets.Day: "a day", budgets.Week: "a week", budgets.Month: "a month", budgets.Total: "in total",
}

// pageOf finds the page on which budgets of a scope are changed.
func pageOf(s budgets.Scope) string {
	for page, scope := range budgetScopes {
		if scope == s {
			return page
		}
	}
	return ""
}

// budgetBox shows a budget; nil is none.
func (v visit) budgetBox(of budgets.Ref, b *budgets.Budget) budgetBox {
	var box budgetBox
	if b != nil {
		box = newBudgetBox(*b)
	}
	if !v.may(authz.BudgetsManage) {
		return box
	}
	page := pageOf(of.Scope)
	box.Set = action{"Set a budget", v.link(page, "do", "budget", "id", of.ID)}
	if b != nil {
		box.Set.Label = "Change budget"
		box.Remove = action{"Remove budget", v.link(page, "do", "unbudget", "id", of.ID)}
	}
	return box
}

// actions are what the box offers, for a menu.
func (box budgetBox) actions() (menu []action) {
	for _, a := range []action{box.Set, box.Remove} {
		if a.Href != "" {
			menu = append(menu, a)
		}
	}
	return menu
}

func newBudgetBox(b budgets.Budget) budgetBox {
	used := share(b.Spent, b.Limit)
	box := budgetBox{
		Spent: usd(b.Spent), Limit: usd(b.Limit), Per: perPeriod[b.Period],
		Percent: percent(used), Width: decimal(min(used, 100)), Tone: "low",
	}
	switch {
	case b.Spent >= b.Limit:
		box.Tone, box.Words = "spent", "Spent: requests are refused"
		if box.Width = "100"; b.Limit == 0 {
			box.Percent = "100%"
		}
		if end := b.Period.End(b.Start); !end.IsZero() {
			box.Words += " until " + end.Format("2 Jan")
		}
	case used >= 80:
		box.Tone, box.Words = "high", "Nearly spent"
	case used >= 50:
		box.Tone, box.Words = "half", "More than half is spent"
	}
	return box
}

// refsOf names the budgets of several things.
func refsOf[T any](s budgets.Scope, things []T, id func(T) string) []budgets.Ref {
	refs := make([]budgets.Ref, len(things))
	for i, thing := range things {
		refs[i] = budgets.Ref{Scope: s, ID: id(thing)}
	}
	return refs
}

// budgeted are those of the things that may have a budget.
func (v visit) budgeted(of []budgets.Ref) []budgets.Ref {
	org := v.caller.Org
	counts := map[budgets.Scope]int{
		budgets.Org: 1, budgets.Team: org.TeamBudgets, budgets.Member: org.MemberBudgets, budgets.Key: org.KeyBudgets,
	}
	return slices.DeleteFunc(slices.Clone(of), func(r budgets.Ref) bool { return counts[r.Scope] == 0 })
}

// budgetBoxes shows the budgets of several things, in one round trip, or in none.
func (d Dashboard) budgetBoxes(v visit, of []budgets.Ref) (map[string]budgetBox, error) {
	found, err := d.Budgets.Read.Several(v.r.Context(), v.actor(), v.budgeted(of))
	if err != nil {
		return nil, err
	}
	boxes := map[string]budgetBox{}
	for _, ref := range of {
		var is *budgets.Budget
		if b, ok := found[ref]; ok {
			is = &b
		}
		boxes[ref.ID] = v.budgetBox(ref, is)
	}
	return boxes, nil
}
