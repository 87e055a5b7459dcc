package store

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

// What a prepaid org may spend is a budget like others, of the scope credits and without
// end. It is opened when it is first asked for: orgs that are not prepaid have none, and
// pay nothing for it.

// LedgerEntries returns what is stored of a ledger: all of it, or between two days.
func (s *Store) LedgerEntries(ctx context.Context, orgID string, from, to time.Time) (entries []credits.Entry, err error) {
	l := tenant(orgID).all(ledgerPrefix)
	if !to.IsZero() { // from may be zero as a date: the first of the year 1
		l.prefix, l.from, l.to = "", ledgerPrefix+ident.Floor(from), ledgerPrefix+before(ident.Floor(to))
	}
	err = s.eachFresh(ctx, l, func(item attributes) error {
		e, err := decodeAs[credits.Entry](item)
		entries = append(entries, e)
		return err
	})
	return entries, err
}

// topUps names the count of an org's top-ups, by which whoever opens its credits knows that
// none came in between.
const topUps = "top_ups"

type topUpCount struct {
	TopUps int `json:"top_ups"`
}

// AddCredits adds an entry to a ledger, and its amount to the org's open credits.
func (s *Store) AddCredits(ctx context.Context, orgID string, e credits.Entry, a audit.Entry) error {
	t := tenant(orgID)
	errRaced := errors.New("store: the credits were opened meanwhile")
	at := t.budget(budgets.Ref{Scope: budgets.Credits, ID: orgID})
	for wait := newBackoff(); ; {
		open, err := s.get(ctx, at, &struct{}{})
		if err != nil {
			return err
		}
		limit := require(at, "attribute_not_exists(pk)", nil)
		if open {
			limit = update(at, "SET #limit = #limit + :amount", values{"amount": e.Amount}).when("attribute_exists(pk)", nil)
		}
		err = s.commit(ctx, s.receipt(ctx, 0, e,
			update(t.org(), "ADD "+topUps+" :one", values{"one": 1}).
				when("attribute_exists(pk) AND attribute_not_exists(deleted_at)", nil).otherwise(fault.ErrNotFound),
			insert(t.ledger(e.ID), e),
			limit.otherwise(errRaced),
			t.record(a),
		)...)
		if !errors.Is(err, errRaced) {
			return err
		}
		if !wait.sleep(ctx) {
			return busy(err)
		}
	}
}

// OpenCredits makes the budget of what an org has paid for, unless it is there, and returns
// it.
func (s *Store) OpenCredits(ctx context.Context, orgID string, now time.Time) (budgets.Budget, error) {
	t := tenant(orgID)
	ref := budgets.Ref{Scope: budgets.Credits, ID: orgID}
	for wait := newBackoff(); ; {
		item, err := s.getMany(ctx, t.org(), t.budget(ref))
		if err != nil {
			return budgets.Budget{}, err
		}
		if item[1] != nil {
			return decodeAs[budgets.Budget](item[1])
		}
		org, err := decodePresent[orgs.Org](item[0])
		if err != nil || org == nil || !org.Live() {
			return budgets.Budget{}, errors.Join(err, fault.ErrNotFound)
		}
		count, err := decodeAs[topUpCount](item[0])
		if err != nil {
			return budgets.Budget{}, err
		}
		entries, err := s.LedgerEntries(ctx, orgID, time.Time{}, time.Time{})
		if err != nil {
			return budgets.Budget{}, err
		}
		b := budgets.Budget{
			OrgID: orgID, Scope: ref.Scope, ID: ref.ID, CreatedAt: now, Revision: ident.New(now),
			Terms:   budgets.Terms{Limit: credits.Sum(entries), Period: budgets.Total, Alerts: []int{}},
			Start:   budgets.Total.Start(now),
			Alerted: []int{}, Holds: map[string]money.Amount{},
		}
		if b.Spent, err = s.SpentSince(ctx, orgID, ref, b.Start, now); err != nil {
			return b, err
		}
		b.Used = b.Spent
		counted := t.countBudgets(ref.Scope, 1).
			and("(attribute_not_exists("+topUps+") OR "+topUps+" = :top_ups)", values{"top_ups": count.TopUps})
		err = s.commit(ctx, insert(t.budget(ref), begun(b, now)).otherwise(budgets.ErrChanged), counted.otherwise(budgets.ErrChanged))
		if !errors.Is(err, budgets.ErrChanged) || !wait.sleep(ctx) {
			return b, err
		}
	}
}
