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
	dueRow
}

// recountDelay is longer than any request lasts: whoever counts events afterwards has read
// the budget.
const recountDelay = time.Minute

// begun is the row of a budget that begins at now.
func begun(b budgets.Budget, now time.Time) budgetRow {
	return budgetRow{b, dueRow{dueShard(b.Revision), now.Add(recountDelay)}}
}

// SaveRecount adds what a budget has missed, while it is as it was read.
func (s *Store) SaveRecount(ctx context.Context, b budgets.Budget, missed money.Amount) error {
	w := asBudgetRead(update(tenant(b.OrgID).budget(b.Ref()), "SET spent = spent + :missed, used = used + :missed REMOVE due_shard, due_at", values{
		"missed": missed, "was_spent": b.Spent,
	}), b).otherwise(budgets.ErrChanged)
	w.condition += " AND spent = :was_spent"
	return s.apply(ctx, w)
}
