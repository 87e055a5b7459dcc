package gateway

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
)

// ErrReserve is the fault of a reservation out of bounds.
var ErrReserve = fault.BadField("body.reserve_usd", "A reservation is 0 to 10,000 dollars, for at most an hour.")

const maxReserve = 10_000 * money.Dollar

func (q Question) checkReserve() error {
	if q.Reserve < 0 || q.Reserve > maxReserve || q.ReserveFor < 0 || q.ReserveFor > budgets.MaxHoldTime {
		return ErrReserve
	}
	return nil
}

// reserve holds what was asked for of the budgets of keys that are good, so that a burst of
// requests overruns none: each is asked about what the others hold.
func (v Verifier) reserve(ctx context.Context, questions []Question, subjects []Subject, answers []Answer, now time.Time) error {
	errs := make([]error, len(questions))
	var wg sync.WaitGroup
	for i, q := range questions {
		if q.Reserve == 0 || !answers[i].Valid() || len(subjects[i].Budgets) == 0 {
			continue
		}
		wg.Go(func() { errs[i] = v.hold(ctx, q, subjects[i], &answers[i], now) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (v Verifier) hold(ctx context.Context, q Question, s Subject, a *Answer, now time.Time) error {
	h := budgets.Hold{
		ID: ident.New(now), OrgID: s.Key.OrgID, KeyID: s.Key.ID, Amount: q.Reserve, Budgets: s.Budgets,
		Slot: budgets.Slot(now.Add(cmp.Or(q.ReserveFor, budgets.HoldTime))),
	}
	full, err := v.Store.Reserve(ctx, h, now)
	switch {
	case err != nil:
		return err
	case full != nil:
		a.blockBy(*full)
	default:
		a.Reservation = h.ID
	}
	return nil
}

// credit leaves the budget of what an org has paid for to those that are prepaid.
func (v Verifier) credit(ctx context.Context, subjects []Subject, now time.Time) error {
	opened := map[string]budgets.Budget{}
	for i, s := range subjects {
		has := len(s.Budgets) > 0 && s.Budgets[0].Scope == budgets.Credits // it is the first of a path
		switch {
		case has && !v.Prepaid:
			subjects[i].Budgets = s.Budgets[1:]
		case !has && v.Prepaid && s.Org != nil && s.Org.Live():
			b, known := opened[s.Org.ID]
			if !known {
				var err error
				if b, err = v.Store.OpenCredits(ctx, s.Org.ID, now); err != nil {
					return err
				}
				opened[s.Org.ID] = b
			}
			subjects[i].Budgets = append([]budgets.Budget{b}, s.Budgets...)
		}
	}
	return nil
}
