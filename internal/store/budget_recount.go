package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// budgetRow is a budget as it begins: due to be recounted.
type budgetRow struct {
	budgets.Budget
	DueShard string `json:"due_shard"`
}

// begun is the row of a budget that begins at now.
func begun(b budgets.Budget, now time.Time) budgetRow {
	b.DueAt = now.Add(budgets.RecountDelay)
	return budgetRow{b, dueShard(b.Revision)}
}

// becomesDue is the part of an update that makes a budget due once the requests of now are
// over.
func becomesDue(b budgets.Budget, now time.Time, v values) (change string) {
	v["due_shard"], v["due_at"] = dueShard(b.Revision), now.Add(budgets.RecountDelay)
	return ", due_shard = :due_shard, due_at = :due_at"
}

// SaveRecount adds what a budget has missed, while it is as it was read.
func (s *Store) SaveRecount(ctx context.Context, b budgets.Budget, missed money.Amount) error {
	w := asBudgetRead(update(tenant(b.OrgID).budget(b.Ref()), "SET spent = spent + :missed, used = used + :missed", values{
		"missed": missed,
	}), b).and("spent = :was_spent", values{"was_spent": b.Spent})
	return s.apply(ctx, w.otherwise(budgets.ErrChanged))
}

// FinishRecount takes a budget from what is due, unless it became due anew.
func (s *Store) FinishRecount(ctx context.Context, b budgets.Budget) error {
	return s.apply(ctx, update(tenant(b.OrgID).budget(b.Ref()), "REMOVE due_shard, due_at", nil).
		when("due_at = :was_due", values{"was_due": b.DueAt}).otherwise(nil))
}
