package credits

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// Statement is a month of the ledger, newest first, and the balance now.
type Statement struct {
	Balance
	Month   time.Time // its first instant
	First   time.Time // the first month that there can be entries of
	Entries []Entry
}

// Statement returns the ledger of a month, and the balance, from one reading of both. It
// needs billing:read.
func (r Reader) Statement(ctx context.Context, actor authz.Actor, org orgs.Org, month time.Time) (s Statement, err error) {
	if err := authz.CheckOrg(actor, authz.BillingRead); err != nil {
		return s, err
	}
	s.Month, s.First = firstOf(month), firstOf(org.CreatedAt.Add(-spend.MaxAge))
	if s.Month.Before(s.First) || s.Month.After(r.Now()) {
		return s, ErrRange
	}
	entries, err := r.Store.LedgerEntries(ctx, actor.OrgID, time.Time{}, time.Time{})
	if err != nil {
		return s, err
	}
	s.Credits = Sum(entries)
	for _, e := range entries {
		if firstOf(e.At).Equal(s.Month) {
			s.Entries = append(s.Entries, e)
		}
	}
	if err := r.addUsage(ctx, actor.OrgID, &s); err != nil {
		return s, err
	}
	newestFirst(s.Entries)
	return s, nil
}

// addUsage adds what was spent: to the balance by the closed months and the few since, to
// the entries by the days of the month.
func (r Reader) addUsage(ctx context.Context, orgID string, s *Statement) error {
	open, spent, err := r.Store.ClosedMonths(ctx, orgID)
	if err != nil {
		return err
	}
	s.Spent = spent
	if open.Before(s.First) {
		open = s.First
	}
	months := monthsBetween(open, r.Now().Add(spend.MaxAhead))
	if s.Month.Before(open) {
		months = append(months, s.Month)
	}
	days, err := r.days(ctx, orgID, months)
	for day, amount := range days {
		if !day.Before(open) {
			s.Spent += amount
		}
		if firstOf(day).Equal(s.Month) {
			s.Entries = append(s.Entries, Entry{Kind: Usage, Amount: -amount, At: day})
		}
	}
	return err
}

// monthsBetween are the months from one up to that of a time.
func monthsBetween(first, last time.Time) (months []time.Time) {
	for month := first; month.Before(last); month = month.AddDate(0, 1, 0) {
		months = append(months, month)
	}
	return months
}

func firstOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// days are what was spent each day of some months, all read at the same time.
func (r Reader) days(ctx context.Context, orgID string, months []time.Time) (map[time.Time]money.Amount, error) {
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		errs []error
		days = map[time.Time]money.Amount{}
	)
	add := func(s spend.Sum) {
		mu.Lock()
		defer mu.Unlock()
		days[s.Date()] += s.Cost
	}
	for _, month := range months {
		wg.Go(func() {
			err := r.Store.EachDaySum(ctx, orgID, month, month.AddDate(0, 1, 0), add)
			mu.Lock()
			defer mu.Unlock()
			errs = append(errs, err)
		})
	}
	wg.Wait()
	return days, errors.Join(errs...)
}

func newestFirst(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		if by := b.At.Compare(a.At); by != 0 {
			return by
		}
		return strings.Compare(b.ID, a.ID)
	})
}
