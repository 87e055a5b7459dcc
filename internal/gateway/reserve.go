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
	"github.com/nemorouter/nemo-team/internal/keys"
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
func (v Verifier) reserve(ctx context.Context, questions []Question, found []*keys.Key, standings []Standing, answers []Answer, now time.Time) error {
	errs := make([]error, len(questions))
	var wg sync.WaitGroup
	for i, q := range questions {
		if q.Reserve == 0 || !answers[i].Valid() || len(standings[i].Budgets) == 0 {
			continue
		}
		wg.Go(func() { errs[i] = v.hold(ctx, q, found[i], standings[i].Budgets, &answers[i], now) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (v Verifier) hold(ctx context.Context, q Question, k *keys.Key, of []budgets.Budget, a *Answer, now time.Time) error {
	h := budgets.Hold{
		ID: ident.New(now), OrgID: k.OrgID, KeyID: k.ID, Amount: q.Reserve, Budgets: of,
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
func (v Verifier) credit(ctx context.Context, found []*keys.Key, standings []Standing, now time.Time) error {
	opened := map[string]budgets.Budget{}
	for i, s := range standings {
		has := len(s.Budgets) > 0 && s.Budgets[0].Scope == budgets.Credits // it is the first of a path
		switch {
		case has && !v.Prepaid:
			standings[i].Budgets = s.Budgets[1:]
		case !has && v.Prepaid && s.OrgLive:
			org := found[i].OrgID
			b, known := opened[org]
			if !known {
				var err error
				b, err = v.Store.OpenCredits(ctx, org, now)
				if errors.Is(err, fault.ErrNotFound) { // deleted since its standing was read
					standings[i].OrgLive = false
					continue
				}
				if err != nil {
					return err
				}
				opened[org] = b
			}
			standings[i].Budgets = append([]budgets.Budget{b}, s.Budgets...)
		}
	}
	return nil
}
