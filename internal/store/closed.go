package store

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// closedRow is what an org spent in the months that are closed: so old that no event is taken
// for them any more. A balance is that and the few months since, however old the org is.
type closedRow struct {
	Before time.Time    `json:"before"` // the first month that is not in it
	Spent  money.Amount `json:"spent"`
}

// ClosedMonths returns what an org spent before the first month that is not closed; a zero
// time if none is.
func (s *Store) ClosedMonths(ctx context.Context, orgID string) (before time.Time, spent money.Amount, err error) {
	var closed closedRow
	_, err = s.get(ctx, tenant(orgID).closed(), &closed)
	return closed.Before, closed.Spent, err
}

// CloseMonths adds to an org's closed months those that are closed by now. What it writes
// follows from sums that do not change, so it may run twice at once.
func (s *Store) CloseMonths(ctx context.Context, orgID string, now time.Time) error {
	var closed closedRow
	if _, err := s.get(ctx, tenant(orgID).closed(), &closed); err != nil {
		return err
	}
	before := spend.OpenSince(now)
	if !closed.Before.Before(before) {
		return nil
	}
	org, err := s.Org(ctx, orgID)
	if errors.Is(err, fault.ErrNotFound) || err == nil && !org.Live() {
		return nil
	}
	if err != nil {
		return err
	}
	from := closed.Before
	if from.IsZero() {
		from = firstMonth(org)
	}
	for month := from; month.Before(before); month = month.AddDate(0, 1, 0) {
		err := s.eachDaySum(ctx, s.eachFresh, orgID, month, month.AddDate(0, 1, 0), func(sum spend.Sum) { closed.Spent += sum.Cost })
		if err != nil {
			return err
		}
	}
	closed.Before = before
	return s.apply(ctx, update(tenant(orgID).closed(), "SET #before = :before, spent = :spent", values{
		"before": before, "spent": closed.Spent,
	}).when("attribute_not_exists(#before) OR #before < :before", nil).otherwise(nil))
}

// firstMonth is the first that an org can have spent in.
func firstMonth(o orgs.Org) time.Time {
	year, month, _ := o.CreatedAt.Add(-spend.MaxAge).UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}
