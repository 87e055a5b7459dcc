package pages

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/web"
)

// budgetFormData is the form that sets a budget, or changes one.
type budgetFormData struct {
	frame
	Lead   string
	Action string
	ID     string // of what the budget is of
	Limit  field
	Alerts field
	Period choice
	Facts  []string
	Button string
	Back   string
	Remove string // where it is removed; empty if there is none
	Notice string
}

var budgetFormPage = newBoardPage[budgetFormData]("budget_form.html")

// periodHints say when periods begin.
var periodHints = map[budgets.Period]string{
	budgets.Day: "Begins at 00:00 UTC.", budgets.Week: "Begins on Monday, 00:00 UTC.",
	budgets.Month: "Begins on the first, 00:00 UTC.", budgets.Total: "Never begins anew.",
}

// budgeted is what a budget is of, and what to call it, if the visitor may set one.
func (d Dashboard) budgeted(v visit, page, id string) (ref budgets.Ref, name string, err error) {
	if err := authz.CheckOrg(v.actor(), authz.BudgetsManage); err != nil {
		return ref, "", err
	}
	ref = budgets.Ref{Scope: budgetScopes[page], ID: id}
	switch ref.Scope {
	case budgets.Team:
		t, err := d.Orgs.ReadTeams.Get(v.r.Context(), v.actor(), id)
		return ref, "the team “" + t.Name + "”", err
	case budgets.Member:
		m, err := d.Members.Read.Get(v.r.Context(), v.actor(), id)
		return ref, m.Display(), err
	case budgets.Key:
		k, err := d.Keys.Read.Get(v.r.Context(), v.actor(), id)
		return ref, "the key “" + k.Name + "”", err
	default:
		ref.ID = v.actor().OrgID
		return ref, v.caller.Org.Name, nil
	}
}

// askBudget shows the form for what a page has budgets of.
func (d Dashboard) askBudget(page string) func(visit, error) error {
	return func(v visit, refused error) error {
		ref, name, err := d.budgeted(v, page, or(v.query("id"), v.value("id")))
		if err != nil {
			return err
		}
		now, err := d.Budgets.Read.Get(v.r.Context(), v.actor(), ref)
		is := err == nil
		if err != nil && !errors.Is(err, fault.ErrNotFound) {
			return err
		}
		if !is {
			now = budgets.Budget{Terms: budgets.Terms{Period: budgets.Month, Alerts: budgets.DefaultAlerts}}
		}
		f := v.budgetForm(page, ref, name, now, is)
		if refused != nil {
			f.Limit.Value, f.Alerts.Value = v.value("limit_usd"), v.value("alerts")
			f.Period.Options = periodOptions(budgets.Period(v.value("period")))
		}
		return f.show(v, refused)
	}
}

func (v visit) budgetForm(page string, ref budgets.Ref, name string, b budgets.Budget, is bool) budgetFormData {
	f := budgetFormData{
		frame: v.frame(page, "Set a budget"), Action: v.path(page), Back: v.path(page), ID: ref.ID, Button: "Set the budget",
		Lead: "What " + name + " may spend.",
		Limit: field{Name: "limit_usd", Label: "Limit in US dollars", Type: "text", Required: true, Autofocus: true,
			Hint: "Such as 100 or 2.50. 0 refuses everything."},
		Alerts: field{Name: "alerts", Label: "Mail owner and admins at", Type: "text", Value: alertWords(b.Alerts),
			Hint: "Percentages of the limit, with commas. Empty means no mail."},
		Period: choice{Name: "period", Label: "For how long", Options: periodOptions(b.Period)},
		Facts: []string{
			"What was spent in the period so far counts.",
			"Once it is spent, the gateway refuses requests that count to it, until the next period or a higher limit.",
			"The change is in the audit trail.",
		},
	}
	if is {
		f.Title, f.Button, f.Limit.Value = "Change the budget", "Save the budget", b.Limit.String()
		f.Lead = "What " + name + " may spend. " + usd(b.Spent) + " of " + usd(b.Limit) + " is spent now."
		f.Remove = v.link(page, "do", "unbudget", "id", ref.ID)
	}
	return f
}

func (f budgetFormData) show(v visit, refused error) error {
	status := http.StatusOK
	if refused != nil {
		flt, ok := mendable(refused)
		if !ok {
			return refused
		}
		f.Notice = notice(flt, &f.Limit, &f.Alerts)
		answer(v.w, v.r, flt, refused)
		status = web.Status(flt.Kind)
	}
	budgetFormPage.render(v.w, v.r, status, f)
	return nil
}

func periodOptions(chosen budgets.Period) (options []option) {
	for _, p := range budgets.Periods {
		options = append(options, option{string(p), sentence(perPeriod[p]), periodHints[p], p == chosen})
	}
	return options
}

func alertWords(percentages []int) string {
	words := make([]string, len(percentages))
	for i, p := range percentages {
		words[i] = strconv.Itoa(p)
	}
	return strings.Join(words, ", ")
}

// setBudget stores what the form says.
func (d Dashboard) setBudget(page string) func(visit) error {
	return func(v visit) error {
		terms, err := v.budgetTerms()
		if err == nil {
			ref := budgets.Ref{Scope: budgetScopes[page], ID: v.value("id")}
			_, err = d.Budgets.Manage.Set(v.r.Context(), v.actor(), ref, terms)
		}
		if err != nil {
			return d.askBudget(page)(v, err)
		}
		return v.done(page, "budget-set")
	}
}

var errNoDollars = fault.BadField("body.limit_usd", "Write an amount of dollars, such as 2.50 or 1,000.")

func (v visit) budgetTerms() (t budgets.Terms, err error) {
	t.Period = budgets.Period(v.value("period"))
	if t.Limit, err = typedUSD(v.value("limit_usd")); err != nil {
		return t, errNoDollars
	}
	for _, word := range strings.FieldsFunc(v.value("alerts"), func(r rune) bool { return r == ',' || r == ' ' || r == '%' || r == ';' }) {
		percent, err := strconv.Atoi(word)
		if err != nil {
			return t, budgets.ErrAlerts
		}
		t.Alerts = append(t.Alerts, percent)
	}
	return t, nil
}

// askNoBudget asks whether a budget may go.
func (d Dashboard) askNoBudget(page string) func(visit, error) error {
	return func(v visit, refused error) error {
		ref, name, err := d.budgeted(v, page, v.query("id"))
		if err != nil {
			return err
		}
		b, err := d.Budgets.Read.Get(v.r.Context(), v.actor(), ref)
		if err != nil {
			return err
		}
		return v.ask(page, askData{
			frame: titled("Remove the budget of " + name + "?"),
			Lead:  usd(b.Spent) + " of " + usd(b.Limit) + " " + perPeriod[b.Period] + " is spent.",
			Do:    "unbudget", ID: ref.ID, Danger: true, Button: "Remove the budget",
			Facts: []string{
				"This limit no longer stops anything. Budgets of other things that the same requests count to still do.",
				"What was spent stays in the reports.",
			},
		}, refused)
	}
}

func (d Dashboard) removeBudget(page string) func(visit) error {
	return func(v visit) error {
		ref := budgets.Ref{Scope: budgetScopes[page], ID: v.value("id")}
		if err := d.Budgets.Manage.Delete(v.r.Context(), v.actor(), ref); err != nil {
			return err
		}
		return v.done(page, "budget-gone")
	}
}
