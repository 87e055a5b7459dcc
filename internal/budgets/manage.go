package budgets

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/page"
)

// Store is what the operations on budgets need.
type Store interface {
	// Budget returns fault.ErrNotFound when the org has none of that name.
	Budget(ctx context.Context, orgID string, r Ref) (Budget, error)
	Budgets(ctx context.Context, orgID string, p page.Request) (page.Of[Budget], error)
	// SeveralBudgets returns those of the budgets that there are.
	SeveralBudgets(ctx context.Context, orgID string, of []Ref) (map[Ref]Budget, error)
	// ThingExists returns fault.ErrNotFound unless the org has the thing.
	ThingExists(ctx context.Context, orgID string, r Ref) error
	// SpentSince returns what the thing has spent since the beginning of a day.
	SpentSince(ctx context.Context, orgID string, r Ref, from, now time.Time) (money.Amount, error)
	// CreateBudget, ChangeBudget and DeleteBudget return ErrChanged when the budget is not as
	// it was read, and authz.ErrForbidden when the actor in e is no longer of their role.
	CreateBudget(ctx context.Context, b Budget, e audit.Entry) error
	ChangeBudget(ctx context.Context, before, after Budget, e audit.Entry) error
	DeleteBudget(ctx context.Context, b Budget, e audit.Entry) error
}

// Reader reads budgets.
type Reader struct {
	Store Store
	Now   func() time.Time
}

// Get returns a budget as it stands now. It needs budgets:read.
func (r Reader) Get(ctx context.Context, actor authz.Actor, ref Ref) (Budget, error) {
	if err := authz.CheckOrg(actor, authz.BudgetsRead); err != nil {
		return Budget{}, err
	}
	if err := ref.check(); err != nil {
		return Budget{}, err
	}
	b, err := r.Store.Budget(ctx, actor.OrgID, ref)
	return b.At(r.Now()), err
}

// List returns budgets as they stand now. It needs budgets:read.
func (r Reader) List(ctx context.Context, actor authz.Actor, p page.Request) (page.Of[Budget], error) {
	if err := authz.CheckOrg(actor, authz.BudgetsRead); err != nil {
		return page.Of[Budget]{}, err
	}
	found, err := r.Store.Budgets(ctx, actor.OrgID, p)
	now := r.Now()
	for i, b := range found.Data {
		found.Data[i] = b.At(now)
	}
	return found, err
}

// Several returns those of the budgets that there are, as they stand now. It needs
// budgets:read.
func (r Reader) Several(ctx context.Context, actor authz.Actor, of []Ref) (map[Ref]Budget, error) {
	if err := authz.CheckOrg(actor, authz.BudgetsRead); err != nil {
		return nil, err
	}
	found, err := r.Store.SeveralBudgets(ctx, actor.OrgID, of)
	now := r.Now()
	for ref, b := range found {
		found[ref] = b.At(now)
	}
	return found, err
}

func (r Ref) check() error {
	if r.Scope == Credits || !slices.Contains(Scopes, r.Scope) {
		return ErrScope
	}
	return nil
}

// Manager sets and deletes budgets. Both need budgets:manage.
type Manager struct {
	Store Store
	Now   func() time.Time
}

// setTries bounds how often a budget is read anew because events counted to it meanwhile.
const setTries = 5

// Set gives a thing a budget, or its budget other terms. A new budget, and one of another
// period or whose period is over, begins with what was spent in the period so far. Terms that
// it has already are not set again, nor recorded.
func (m Manager) Set(ctx context.Context, actor authz.Actor, ref Ref, terms Terms) (b Budget, err error) {
	if err := authz.CheckOrg(actor, authz.BudgetsManage); err != nil {
		return Budget{}, err
	}
	if err := ref.check(); err != nil {
		return Budget{}, err
	}
	if err := terms.clean(); err != nil {
		return Budget{}, err
	}
	for range setTries {
		if b, err = m.set(ctx, actor, ref, terms); !errors.Is(err, ErrChanged) {
			break
		}
	}
	return b.At(m.Now()), err
}

func (m Manager) set(ctx context.Context, actor authz.Actor, ref Ref, terms Terms) (Budget, error) {
	before, err := m.Store.Budget(ctx, actor.OrgID, ref)
	missing := errors.Is(err, fault.ErrNotFound)
	if err != nil && !missing {
		return Budget{}, err
	}
	if !missing && before.Terms.same(terms) {
		return before, nil
	}
	now := m.Now()
	after := before
	after.Terms = terms
	after.Alerted = after.told()
	if missing {
		if err := m.Store.ThingExists(ctx, actor.OrgID, ref); err != nil {
			return Budget{}, err
		}
		after = Budget{
			OrgID: actor.OrgID, Scope: ref.Scope, ID: ref.ID, Terms: terms, CreatedAt: now, Revision: ident.New(now),
			Alerted: []int{}, Holds: map[string]money.Amount{},
		}
	}
	if missing || before.Period != terms.Period || !before.At(now).Start.Equal(before.Start) {
		held := before.At(now).Used - before.At(now).Spent
		after.Start, after.Alerted = terms.Period.Start(now), []int{}
		if after.Spent, err = m.Store.SpentSince(ctx, actor.OrgID, ref, after.Start, now); err != nil {
			return Budget{}, err
		}
		after.Used, after.Holds = after.Spent+held, orEmpty(before.At(now).Holds)
	}
	if missing {
		return after, m.Store.CreateBudget(ctx, after, audit.Record(now, actor, audit.BudgetSet, after.Target(), nil, terms.values()))
	}
	return after, m.Store.ChangeBudget(ctx, before, after, audit.Record(now, actor, audit.BudgetSet, after.Target(), before.values(), terms.values()))
}

func orEmpty(holds map[string]money.Amount) map[string]money.Amount {
	if holds == nil {
		return map[string]money.Amount{}
	}
	return holds
}

// Delete ends a budget.
func (m Manager) Delete(ctx context.Context, actor authz.Actor, ref Ref) error {
	if err := authz.CheckOrg(actor, authz.BudgetsManage); err != nil {
		return err
	}
	if err := ref.check(); err != nil {
		return err
	}
	b, err := m.Store.Budget(ctx, actor.OrgID, ref)
	if err != nil {
		return err
	}
	return m.Store.DeleteBudget(ctx, b, audit.Record(m.Now(), actor, audit.BudgetDeleted, b.Target(), b.values(), nil))
}
