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
	// SaveRecount adds to a budget what was missed. It returns ErrChanged if anything was
	// counted to the budget since it was read.
	SaveRecount(ctx context.Context, b Budget, missed money.Amount) error
	// FinishRecount takes a budget from what is due, unless it became due anew.
	FinishRecount(ctx context.Context, b Budget) error
}

// RecountDelay is after what time the sweep looks at a budget. It is longer than any request
// lasts: whoever counts events afterwards has read the budget as it is.
const RecountDelay = time.Minute

// Recounter looks once more at a budget that was set, or was taken over a line. Events that
// were on their way when it was set knew nothing of it: they are in the sums, and not in the
// budget. And whoever set it, or crossed the line, may have died before anybody was told.
type Recounter struct {
	Store  RecountStore
	Alerts Alerter
	Now    func() time.Time
}

// recountTries bounds how often a budget is read anew because events counted to it meanwhile.
const recountTries = 5

// Recount adds to a due budget what it has missed, and tells of the lines that it is over.
// Sums and budgets move together by now, so the difference is right if nothing moved while it
// was taken; in the rush of a busy budget it is left for the next sweep.
func (r Recounter) Recount(ctx context.Context, due Budget) error {
	for range recountTries {
		b, err := r.Store.Budget(ctx, due.OrgID, due.Ref())
		if errors.Is(err, fault.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if b.DueAt.IsZero() || b.DueAt.After(r.Now()) { // another sweep was faster, or it became due anew
			return nil
		}
		if err := r.add(ctx, b); errors.Is(err, ErrChanged) {
			continue
		} else if err != nil {
			return err
		}
		if err := r.Alerts.check(ctx, []Budget{b}); err != nil {
			return err
		}
		return r.Store.FinishRecount(ctx, b)
	}
	return nil
}

// add adds to a budget what it has missed.
func (r Recounter) add(ctx context.Context, b Budget) error {
	missed, err := r.missed(ctx, b)
	if err != nil || missed == 0 {
		return err
	}
	if err := r.Store.SaveRecount(ctx, b, missed); err != nil {
		return err
	}
	slog.InfoContext(ctx, "budget recounted", "org_id", b.OrgID, "scope", b.Scope, "missed_usd", missed.String())
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
