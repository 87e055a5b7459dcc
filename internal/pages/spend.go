package pages

import (
	"net/http"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/web"
)

// spendData is who and what drives the cost.
type spendData struct {
	frame
	Ranges   []tab
	From, To field
	Kept     []option // what the form of days keeps of the query
	Chips    []chip
	Spent    string
	Figures  []figure
	Budget   budgetBox
	BudgetOf string // what the budget is of, in words
	Chart    chart
	Why      string // why there is no chart
	Ranks    []rank
	Table    spendTable
	Nothing  bool // was spent
}

// figure is a number and what it counts.
type figure struct{ Label, Value string }

// chip is one thing that the page is narrowed to.
type chip struct {
	Kind string
	called
	Off string // where it is not
}

var spendPage = newBoardPage[spendData]("spend.html")

func (d Dashboard) getSpend(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{"budget": d.askBudget("spend"), "unbudget": d.askNoBudget("spend")})
		if err != nil {
			return fault.ErrNotFound
		}
		return show(v, nil)
	}
	if v.query("file") == "csv" {
		return d.spendCSV(v)
	}
	return d.showSpend(v)
}

func (d Dashboard) postSpend(v visit) error {
	act, err := chosen(v.value("do"), map[string]func(visit) error{"budget": d.setBudget("spend"), "unbudget": d.removeBudget("spend")})
	if err != nil {
		return err
	}
	return act(v)
}

// spendQuery is what the page's query asks for.
func (v visit) spendQuery() (spend.Query, spendRange, error) {
	r, err := v.spendRange()
	return spend.Query{
		From: r.from, To: r.to,
		UserID: v.query("member"), KeyID: v.query("key"), TeamID: v.query("team"), Model: v.query("model"),
	}, r, err
}

func (d Dashboard) showSpend(v visit) error {
	q, within, err := v.spendQuery()
	if err != nil {
		return err
	}
	shown, by := rankings(q), v.tableDim(q)
	groupings := [][]spend.Dim{chartDims(q, within), groupedBy(by)}
	for _, r := range shown {
		groupings = append(groupings, groupedBy(r.dim))
	}
	answers, err := d.Reports.Spend.Answers(v.r.Context(), v.actor(), q, groupings...)
	if err != nil {
		return err
	}
	over, listed, ranked := answers[0], answers[1], answers[2:]
	page := v.tablePage(listed)
	subject := v.subject(q)
	labels, err := d.spendLabels(v, q, subject, page, ranked)
	if err != nil {
		return err
	}
	data := spendData{
		frame: v.frame("spend", "Spend"), Ranges: v.rangeTabs(within.name), Chips: v.chips(q, labels),
		Kept: v.kept("member", "key", "team", "model", "by"), Why: whyNoAnswer(over.Err),
		From:    field{Name: "from", Label: "From", Type: "date", Value: over.From.Format(time.DateOnly)},
		To:      field{Name: "to", Label: "To", Type: "date", Value: over.To.AddDate(0, 0, -1).Format(time.DateOnly)},
		Nothing: over.Err == nil && over.Total.Requests == 0,
	}
	if over.Err == nil {
		data.total(over)
		data.Chart = newChart(over.Report, within.until)
	}
	if q.Model == "" {
		data.Budget = v.budgetBox(subject, labels[subject].Budget)
		if !labels[subject].There {
			data.Budget.Set, data.Budget.Remove = action{}, action{}
		}
		data.BudgetOf = sentence(budgetKinds[subject.Scope])
	}
	for i, as := range shown {
		data.Ranks = append(data.Ranks, v.newRank(as, ranked[i], labels))
	}
	data.Table = v.spendTable(by, listed, page, labels)
	spendPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

func (data *spendData) total(a spend.Answer) {
	data.Spent = usd(a.Total.Cost)
	data.Figures = []figure{
		{"Requests", short(a.Total.Requests)}, {"Input tokens", short(a.Total.Prompt)}, {"Output tokens", short(a.Total.Output)},
	}
}

// subject is what the page is about, as a budget would be of it.
func (v visit) subject(q spend.Query) budgets.Ref {
	switch {
	case q.KeyID != "":
		return budgets.Ref{Scope: budgets.Key, ID: q.KeyID}
	case q.UserID != "":
		return budgets.Ref{Scope: budgets.Member, ID: q.UserID}
	case q.TeamID != "":
		return budgets.Ref{Scope: budgets.Team, ID: q.TeamID}
	default:
		return budgets.Ref{Scope: budgets.Org, ID: v.actor().OrgID}
	}
}

// spendLabels reads the names that the page needs, and the subject's budget, at once.
func (d Dashboard) spendLabels(v visit, q spend.Query, subject budgets.Ref, page []spend.Row, ranked []spend.Answer) (spendLabels, error) {
	refs := []budgets.Ref{{Scope: budgets.Key, ID: q.KeyID}, memberRef(q.UserID), teamRef(q.TeamID)}
	for _, row := range page {
		refs = append(refs, memberRef(row.UserID), teamRef(row.TeamID))
	}
	for _, a := range ranked {
		for _, row := range a.Rows[:min(rankSize, len(a.Rows))] {
			refs = append(refs, memberRef(row.UserID), teamRef(row.TeamID))
		}
	}
	labels, err := d.Reports.Spend.Labels(v.r.Context(), v.actor(), subject, refs)
	return labels, err
}

func memberRef(id string) budgets.Ref { return budgets.Ref{Scope: budgets.Member, ID: id} }
func teamRef(id string) budgets.Ref   { return budgets.Ref{Scope: budgets.Team, ID: id} }

// chips are the filters that are set.
func (v visit) chips(q spend.Query, labels spendLabels) (chips []chip) {
	for _, c := range []struct {
		param, kind, id string
		scope           budgets.Scope
	}{
		{"team", "Team", q.TeamID, budgets.Team}, {"member", "Member", q.UserID, budgets.Member},
		{"key", "Key", q.KeyID, budgets.Key}, {"model", "Model", q.Model, ""},
	} {
		if c.id == "" {
			continue
		}
		label := labels[budgets.Ref{Scope: c.scope, ID: c.id}]
		chips = append(chips, chip{c.kind, calledAfter(label.Name, label.Email, c.id), v.here(c.param, "", "page", "")})
	}
	return chips
}

// kept are values of the query that a form keeps.
func (v visit) kept(names ...string) (kept []option) {
	for _, name := range names {
		if value := v.query(name); value != "" {
			kept = append(kept, option{Label: name, Value: value})
		}
	}
	return kept
}

// spendCSV is the table as a file.
func (d Dashboard) spendCSV(v visit) error {
	q, _, err := v.spendQuery()
	if err != nil {
		return err
	}
	q.GroupBy = groupedBy(v.tableDim(q))
	report, err := d.Reports.Spend.Report(v.r.Context(), v.actor(), q)
	if err != nil {
		return err
	}
	return web.WriteSpendCSV(v.w, report)
}

// tableDim is what the table groups by.
func (v visit) tableDim(q spend.Query) spend.Dim {
	if by := spend.Dim(v.query("by")); slices.Contains(spend.Dims, by) {
		return by
	}
	if open := rankings(q); len(open) > 0 {
		return open[0].dim
	}
	return spend.DayDim
}
