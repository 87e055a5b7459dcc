package store

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// The org's row counts its budgets of each scope, so that whoever has read it knows where
// budgets can be, and reads nothing more where there are none.

// budgetCount names the count of one scope.
func budgetCount(s budgets.Scope) string { return "budgets_" + string(s) }

// countBudgets moves the count of a scope.
func (t tenant) countBudgets(s budgets.Scope, by int) write {
	return update(t.org(), "ADD #count :by", values{"by": by}).naming("count", budgetCount(s)).
		when("attribute_exists(pk) AND attribute_not_exists(deleted_at)", nil).otherwise(fault.ErrNotFound)
}

// budgeted are the scopes of which an org has budgets.
func budgeted(orgItem attributes) (scopes []budgets.Scope) {
	for _, s := range budgets.Scopes {
		if n, _ := orgItem[budgetCount(s)].(*types.AttributeValueMemberN); n != nil && n.Value != "0" {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// budgetsOnPath are where the budgets on a path can be, given the scopes of which the org
// has some.
func (t tenant) budgetsOnPath(path []budgets.Ref, budgeted []budgets.Scope) (at []key) {
	for _, r := range path {
		if slices.Contains(budgeted, r.Scope) {
			at = append(at, t.budget(r))
		}
	}
	return at
}

// Budget returns a budget, or fault.ErrNotFound.
func (s *Store) Budget(ctx context.Context, orgID string, r budgets.Ref) (budgets.Budget, error) {
	return fetch[budgets.Budget](ctx, s, tenant(orgID).budget(r), fault.ErrNotFound)
}

// Budgets returns budgets by scope, but for that of the credits.
func (s *Store) Budgets(ctx context.Context, orgID string, p page.Request) (page.Of[budgets.Budget], error) {
	var chain []listing
	for _, scope := range budgets.Scopes[1:] {
		chain = append(chain, tenant(orgID).all(budgetPrefix+string(scope)+"#"))
	}
	return list(ctx, s, p, chain, decodeAs[budgets.Budget])
}

// ThingExists returns fault.ErrNotFound unless the org has the thing that a budget is of.
func (s *Store) ThingExists(ctx context.Context, orgID string, r budgets.Ref) error {
	t := tenant(orgID)
	switch r.Scope {
	case budgets.Team:
		_, err := fetch[struct{}](ctx, s, t.team(r.ID), fault.ErrNotFound)
		return err
	case budgets.Member:
		_, err := fetch[struct{}](ctx, s, t.member(r.ID), fault.ErrNotFound)
		return err
	case budgets.Key:
		_, err := fetch[struct{}](ctx, s, t.virtualKey(r.ID), fault.ErrNotFound)
		return err
	}
	if r.ID != orgID {
		return fault.ErrNotFound
	}
	return nil
}

// SpentSince adds up what the thing has spent since the beginning of a day, from the sums,
// strongly consistent. What an org has spent since its beginning is read from its closed
// months and the few that are open. For a team or a member it reads the sums of all keys of
// the org: which are theirs, only indexes know, and those lag behind.
func (s *Store) SpentSince(ctx context.Context, orgID string, r budgets.Ref, from, now time.Time) (spent money.Amount, err error) {
	org, err := s.Org(ctx, orgID)
	if err != nil {
		return 0, err
	}
	wholeOrg := r.Scope == budgets.Org || r.Scope == budgets.Credits
	if first := firstMonth(org); from.Before(first) {
		from = first
		if wholeOrg {
			before, closed, err := s.ClosedMonths(ctx, orgID)
			if err != nil {
				return 0, err
			}
			if from.Before(before) {
				from, spent = before, closed
			}
		}
	}
	each := reader(s.eachFresh)
	if r.Scope == budgets.Key {
		each = ofKey(r.ID, each)
	}
	add := func(sum spend.Sum) {
		if !sum.Date().Before(from) && counts(r, sum) {
			spent += sum.Cost
		}
	}
	last := now.Add(spend.MaxAhead)
	for month := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC); month.Before(last); month = month.AddDate(0, 1, 0) {
		if wholeOrg {
			err = s.eachDaySum(ctx, each, orgID, month, month.AddDate(0, 1, 0), add)
		} else {
			err = s.eachKeySum(ctx, each, orgID, month, spend.ByDay, add)
		}
		if err != nil {
			return 0, err
		}
	}
	return spent, nil
}

// counts reports whether a sum counts to the budget.
func counts(r budgets.Ref, s spend.Sum) bool {
	switch r.Scope {
	case budgets.Team:
		return s.TeamID == r.ID
	case budgets.Member:
		return s.UserID == r.ID
	case budgets.Key:
		return s.KeyID == r.ID
	}
	return true
}

// CreateBudget adds a budget.
func (s *Store) CreateBudget(ctx context.Context, b budgets.Budget, e audit.Entry) error {
	t := tenant(b.OrgID)
	return s.commit(ctx,
		insert(t.budget(b.Ref()), begun(b, e.At)).otherwise(budgets.ErrChanged),
		t.countBudgets(b.Scope, 1),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
}

// ChangeBudget gives a budget other terms, under which what was spent may be over other
// lines: it is due. Where it begins anew, no event may have counted to it since it was read.
func (s *Store) ChangeBudget(ctx context.Context, before, after budgets.Budget, e audit.Entry) error {
	t := tenant(after.OrgID)
	terms := values{"limit": after.Limit, "period": after.Period, "alerts": orNone(after.Alerts), "alerted": orNone(after.Alerted)}
	change := asTermsRead(update(t.budget(after.Ref()), "SET #limit = :limit, #period = :period, alerts = :alerts, alerted = :alerted"+
		becomesDue(after, e.At, terms), terms), before)
	if before.Period != after.Period || !before.Start.Equal(after.Start) {
		change = asTermsRead(put(t.budget(after.Ref()), begun(after, e.At)), before).
			and("spent = :was_spent AND period_start = :was_start AND holds = :was_holds", values{
				"was_spent": before.Spent, "was_start": before.Start, "was_holds": before.Holds,
			})
	}
	return s.commit(ctx,
		change.otherwise(budgets.ErrChanged),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
}

// asTermsRead makes w happen only while a budget has the terms that were read.
func asTermsRead(w write, b budgets.Budget) write {
	return w.when("revision = :revision AND #limit = :was_limit AND #period = :was_period AND alerted = :was_alerted", values{
		"revision": b.Revision, "was_limit": b.Limit, "was_period": b.Period, "was_alerted": orNone(b.Alerted),
	})
}

func orNone(alerts []int) []int {
	if alerts == nil {
		return []int{}
	}
	return alerts
}

// DeleteBudget removes a budget.
func (s *Store) DeleteBudget(ctx context.Context, b budgets.Budget, e audit.Entry) error {
	t := tenant(b.OrgID)
	return s.commit(ctx,
		remove(t.budget(b.Ref())).when("revision = :revision", values{"revision": b.Revision}).otherwise(budgets.ErrChanged),
		t.countBudgets(b.Scope, -1),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
}

// errBudgetMoved says that a budget is not as it was read; nil if it is gone.
type errBudgetMoved struct{ now *budgets.Budget }

func (errBudgetMoved) Error() string { return "store: a budget is not as it was read" }

// asBudgetRead makes w, which moves what a budget has spent, happen only while the budget
// is the one that was read, in the same period.
func asBudgetRead(w write, b budgets.Budget) write {
	return w.when("revision = :revision AND period_start = :start AND #period = :period", values{
		"revision": b.Revision, "start": b.Start, "period": b.Period,
	}).explained(budgetMoved)
}

// asBudgetHeld makes w, which begins a new period of a budget, happen only while the budget
// is in the period that was read and holds what it held then: the new period goes on holding
// it. What was spent of the period that ends plays no part in the next one.
func asBudgetHeld(w write, b budgets.Budget) write {
	return w.when("revision = :revision AND period_start = :start AND #period = :period AND holds = :was_holds", values{
		"revision": b.Revision, "start": b.Start, "period": b.Period, "was_holds": b.Holds,
	}).explained(budgetMoved)
}

func budgetMoved(old attributes) error {
	moved, err := decodePresent[budgets.Budget](old)
	if err != nil {
		return err
	}
	return errBudgetMoved{moved}
}
