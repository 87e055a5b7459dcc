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
	days, err := r.days(ctx, actor.OrgID, s.First)
	for day, amount := range days {
		s.Spent += amount
		if firstOf(day).Equal(s.Month) {
			s.Entries = append(s.Entries, Entry{Kind: Usage, Amount: -amount, At: day})
		}
	}
	newestFirst(s.Entries)
	return s, err
}

func firstOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// days are what was spent each day since a month, all months read at the same time.
func (r Reader) days(ctx context.Context, orgID string, since time.Time) (map[time.Time]money.Amount, error) {
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
	for month := since; month.Before(r.Now().Add(spend.MaxAhead)); month = month.AddDate(0, 1, 0) {
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
