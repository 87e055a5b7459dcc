// Package credits knows what an org has paid for: a ledger of what it was granted, what it
// bought and what it used each day, and the balance of it.
package credits

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// Kind is what an entry is.
type Kind string

// The kinds. Usage is not stored: it is read from the sums of spend, a day an entry.
const (
	Grant Kind = "grant"
	TopUp Kind = "top_up"
	Usage Kind = "usage"
)

// Entry is one line of the ledger.
type Entry struct {
	ID     string       `json:"id"` // sorts by time; empty for usage
	Kind   Kind         `json:"kind"`
	Amount money.Amount `json:"amount"` // negative for usage
	At     time.Time    `json:"at"`     // of usage, the day's beginning
	Note   string       `json:"note,omitempty"`
}

// Balance is what is left.
type Balance struct {
	Credits money.Amount
	Spent   money.Amount
}

// Left is the balance; it is negative when more was spent than paid for.
func (b Balance) Left() money.Amount { return b.Credits - b.Spent }

// Store is what Reader needs.
type Store interface {
	// LedgerEntries returns the stored entries from from up to but not to; a zero to does not
	// bound, and neither does from then.
	LedgerEntries(ctx context.Context, orgID string, from, to time.Time) ([]Entry, error)
	// SpentSince returns what the org has spent since the beginning of a day.
	SpentSince(ctx context.Context, orgID string, r budgets.Ref, from, now time.Time) (money.Amount, error)
	// ClosedMonths returns what the org spent before a month, from which on sums may still
	// grow; a zero time if no month is so old.
	ClosedMonths(ctx context.Context, orgID string) (before time.Time, spent money.Amount, err error)
	spend.ReportStore
}

// Reader reads balances and ledgers. Both need billing:read.
type Reader struct {
	Store Store
	Now   func() time.Time
}

// Balance returns the org's balance.
func (r Reader) Balance(ctx context.Context, actor authz.Actor) (b Balance, err error) {
	if err := authz.CheckOrg(actor, authz.BillingRead); err != nil {
		return b, err
	}
	entries, err := r.Store.LedgerEntries(ctx, actor.OrgID, time.Time{}, time.Time{})
	if err != nil {
		return b, err
	}
	b.Credits = Sum(entries)
	b.Spent, err = r.Store.SpentSince(ctx, actor.OrgID, budgets.Ref{Scope: budgets.Credits, ID: actor.OrgID}, time.Time{}, r.Now())
	return b, err
}

// Sum adds entries up.
func Sum(entries []Entry) (sum money.Amount) {
	for _, e := range entries {
		sum += e.Amount
	}
	return sum
}

// MaxDays bounds the time that a ledger is read for.
const MaxDays = 366

// ErrRange is the fault of a time that is none, or too long.
var ErrRange = fault.BadField("query.to", "A ledger is read for at least a day and at most 366.")

// Ledger returns the entries from one day up to but not another, newest first; this month's
// unless they are given.
func (r Reader) Ledger(ctx context.Context, actor authz.Actor, from, to time.Time) ([]Entry, error) {
	if err := authz.CheckOrg(actor, authz.BillingRead); err != nil {
		return nil, err
	}
	const day = 24 * time.Hour
	if to.IsZero() {
		to = r.Now().Truncate(day).Add(day)
	}
	if from.IsZero() {
		from = to.Add(-1)
		from = from.AddDate(0, 0, 1-from.Day())
	}
	from, to = from.UTC().Truncate(day), to.UTC().Truncate(day)
	if !from.Before(to) || to.Sub(from) > MaxDays*day {
		return nil, ErrRange
	}
	entries, err := r.Store.LedgerEntries(ctx, actor.OrgID, from, to)
	if err != nil {
		return nil, err
	}
	usage, err := r.usage(ctx, actor.OrgID, from, to)
	entries = append(entries, usage...)
	newestFirst(entries)
	return entries, err
}

// usage is what was spent each day.
func (r Reader) usage(ctx context.Context, orgID string, from, to time.Time) (entries []Entry, err error) {
	days := map[time.Time]money.Amount{}
	for begin := from; begin.Before(to); {
		end := begin.AddDate(0, 1, 1-begin.Day())
		if end.After(to) {
			end = to
		}
		err := r.Store.EachDaySum(ctx, orgID, begin, end, func(s spend.Sum) { days[s.Date()] += s.Cost })
		if err != nil {
			return nil, err
		}
		begin = end
	}
	for day, amount := range days {
		entries = append(entries, Entry{Kind: Usage, Amount: -amount, At: day})
	}
	return entries, nil
}
