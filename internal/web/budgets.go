package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// Budgets is the function for limits on spend.
type Budgets struct {
	Read   budgets.Reader
	Manage budgets.Manager
}

// Mount adds its routes.
func (f Budgets) Mount(a *API) {
	const tag = "Budgets"
	secured(a, route{
		method: http.MethodGet, path: "/v1/budgets", tag: tag, id: "list-budgets", needs: authz.BudgetsRead,
		summary: "List budgets", detail: "With what is spent of each in its present period.",
	}, f.list)
	secured(a, route{
		method: http.MethodPut, path: "/v1/budgets/{scope}/{id}", tag: tag, id: "set-budget", needs: authz.BudgetsManage,
		summary: "Set a budget", detail: "A new one begins with what was spent in the period so far. Once it is spent, verifying a key that counts to it answers budget_exceeded.",
	}, f.set)
	secured(a, route{
		method: http.MethodGet, path: "/v1/budgets/{scope}/{id}", tag: tag, id: "get-budget", needs: authz.BudgetsRead,
		summary: "One budget",
	}, f.get)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/budgets/{scope}/{id}", tag: tag, id: "delete-budget", needs: authz.BudgetsManage, success: http.StatusNoContent,
		summary: "Delete a budget",
	}, f.delete)
}

// BudgetPath names a budget.
type BudgetPath struct {
	Scope budgets.Scope `path:"scope" enum:"org,team,member,key"`
	ID    string        `path:"id" maxLength:"64" doc:"Of the organization, the team, the member (a user's) or the key."`
}

func (p BudgetPath) ref() budgets.Ref { return budgets.Ref{Scope: p.Scope, ID: p.ID} }

type setBudgetInput struct {
	BudgetPath
	Body struct {
		Limit  dollars        `json:"limit_usd" example:"100"`
		Period budgets.Period `json:"period,omitempty" enum:"day,week,month,total" doc:"By the calendar of UTC, weeks from Monday; month, unless given."`
		Alerts *[]int         `json:"alerts,omitempty" maxItems:"10" doc:"At which percentages owner and admins are told by email; 50, 80 and 100, unless given."`
	}
}

// dollars is an amount as input takes it: a string or a number.
type dollars struct{ money.Amount }

// Schema is that of both.
func (dollars) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		OneOf:       []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeNumber}},
		Description: "US dollars, as a decimal string or a number.", Examples: []any{"100"},
	}
}

func (f Budgets) set(ctx context.Context, c authn.Caller, in *setBudgetInput) (*output[Budget], error) {
	terms := budgets.Terms{Limit: in.Body.Limit.Amount, Period: in.Body.Period, Alerts: budgets.DefaultAlerts}
	if terms.Period == "" {
		terms.Period = budgets.Month
	}
	if in.Body.Alerts != nil {
		terms.Alerts = *in.Body.Alerts
	}
	b, err := f.Manage.Set(ctx, c.Actor, in.ref(), terms)
	return answer(budgetShape(b), err)
}

func (f Budgets) get(ctx context.Context, c authn.Caller, in *BudgetPath) (*output[Budget], error) {
	b, err := f.Read.Get(ctx, c.Actor, in.ref())
	return answer(budgetShape(b), err)
}

func (f Budgets) list(ctx context.Context, c authn.Caller, in *Paging) (*listOutput[Budget], error) {
	found, err := f.Read.List(ctx, c.Actor, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, budgetShape), nil
}

func (f Budgets) delete(ctx context.Context, c authn.Caller, in *BudgetPath) (*none, error) {
	return done(f.Manage.Delete(ctx, c.Actor, in.ref()))
}

// Budget is a limit on spend.
type Budget struct {
	Scope       budgets.Scope  `json:"scope" enum:"org,team,member,key"`
	ID          string         `json:"id" doc:"Of what it is a budget of."`
	LimitUSD    USD            `json:"limit_usd"`
	Period      budgets.Period `json:"period" enum:"day,week,month,total"`
	Alerts      []int          `json:"alerts" nullable:"false" doc:"Percentages."`
	SpentUSD    USD            `json:"spent_usd" doc:"In the present period."`
	ReservedUSD USD            `json:"reserved_usd" doc:"Held for requests under way."`
	ResetsAt    *time.Time     `json:"resets_at" doc:"When the next period begins. Null: never."`
	CreatedAt   time.Time      `json:"created_at"`
}

func budgetShape(b budgets.Budget) Budget {
	return Budget{
		b.Scope, b.ID, USD{b.Limit}, b.Period, orEmpty(b.Alerts), USD{b.Spent}, USD{b.Used - b.Spent},
		orNull(b.Period.End(b.Start)), b.CreatedAt,
	}
}

// BlockedBy is a budget that is spent.
type BlockedBy struct {
	Scope    budgets.Scope `json:"scope" enum:"credits,org,team,member,key"`
	ID       string        `json:"id"`
	LimitUSD USD           `json:"limit_usd"`
	SpentUSD USD           `json:"spent_usd"`
	ResetsAt *time.Time    `json:"resets_at" doc:"Null: never."`
}

func blockedShape(b *budgets.Budget) *BlockedBy {
	if b == nil {
		return nil
	}
	return &BlockedBy{b.Scope, b.ID, USD{b.Limit}, USD{b.Spent}, orNull(b.Period.End(b.Start))}
}
