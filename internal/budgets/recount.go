package budgets

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
)

// RecountStore is what Recounter needs.
type RecountStore interface {
	// Budget returns fault.ErrNotFound when the org has none of that name.
	Budget(ctx context.Context, orgID string, r Ref) (Budget, error)
	// SpentSince returns what the thing has spent since the beginning of a day.
	SpentSince(ctx context.Context, orgID string, r Ref, from, now time.Time) (money.Amount, error)
	// SaveRecount adds to a budget what was missed, and takes the budget from what is due. It
	// returns ErrChanged if anything was counted to the budget since it was read.
	SaveRecount(ctx context.Context, b Budget, missed money.Amount) error
}

// Recounter looks once more at what a budget has spent, when it has been there for longer
// than any request takes. Events that were on their way when it was set knew nothing of it:
// they are in the sums, and not in the budget.
type Recounter struct {
	Store  RecountStore
	Alerts Alerter
	Now    func() time.Time
}

// recountTries bounds how often a budget is read anew because events counted to it meanwhile.
const recountTries = 5

// Recount adds to a due budget what it has missed. Sums and budgets move together by now, so
// the difference is right if nothing moved while it was taken; in the rush of a busy budget
// it is left for the next sweep.
func (r Recounter) Recount(ctx context.Context, due Budget) error {
	for range recountTries {
		b, err := r.Store.Budget(ctx, due.OrgID, due.Ref())
		if errors.Is(err, fault.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		missed, err := r.missed(ctx, b)
		if err != nil {
			return err
		}
		err = r.Store.SaveRecount(ctx, b, missed)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err == nil && missed != 0 {
			slog.InfoContext(ctx, "budget recounted", "org_id", b.OrgID, "scope", b.Scope, "missed_usd", missed.String())
			r.Alerts.Check(ctx, []Budget{b})
		}
		return err
	}
	return nil
}

// missed is what the sums have of the budget's period and the budget has not. A period that
// is over bounds nothing any more.
func (r Recounter) missed(ctx context.Context, b Budget) (money.Amount, error) {
	now := r.Now()
	if !b.At(now).Start.Equal(b.Start) {
		return 0, nil
	}
	spent, err := r.Store.SpentSince(ctx, b.OrgID, b.Ref(), b.Start, now)
	return spent - b.Spent, err
}
