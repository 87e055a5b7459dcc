package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// reservationRow is what an event finds to settle.
type reservationRow struct {
	KeyID  string       `json:"key_id"`
	Amount money.Amount `json:"amount"`
	Slot   string       `json:"slot"`
	Held   []string     `json:"held"` // revisions of the budgets that it is held of
	expiring
}

func (r reservationRow) holdsOf(b budgets.Budget, now time.Time) bool {
	return budgets.Holds(r.Slot, now) && slices.Contains(r.Held, b.Revision)
}

// Reserve holds an amount of all budgets of h, or of none and returns the first that has no
// room. A budget that is gone holds nothing.
func (s *Store) Reserve(ctx context.Context, h budgets.Hold, now time.Time) (full *budgets.Budget, err error) {
	t := tenant(h.OrgID)
	for len(h.Budgets) > 0 {
		row := reservationRow{KeyID: h.KeyID, Amount: h.Amount, Slot: h.Slot, expiring: until(now.Add(2 * budgets.MaxHoldTime))}
		var writes []write
		for _, b := range h.Budgets {
			if !b.Room(h.Amount, now) {
				b = b.At(now)
				return &b, nil
			}
			row.Held = append(row.Held, b.Revision)
			writes = append(writes, t.hold(b, h, now))
		}
		refusals, err := s.transact(ctx, append(writes, insert(t.reservation(h.ID), row)))
		if err != nil || refusals == nil {
			return nil, err
		}
		if err := refusals[len(writes)]; err != nil {
			return nil, err
		}
		var left []budgets.Budget
		for i, b := range h.Budgets {
			var moved errBudgetMoved
			switch {
			case refusals[i] == nil:
				left = append(left, b)
			case !errors.As(refusals[i], &moved):
				return nil, refusals[i]
			case moved.now != nil:
				left = append(left, *moved.now)
			}
		}
		h.Budgets = left
	}
	return nil, nil
}

// hold adds to what is held of a budget, sets free what has lapsed, and begins the present
// period if the budget is in an earlier one.
func (t tenant) hold(b budgets.Budget, h budgets.Hold, now time.Time) write {
	at := t.budget(b.Ref())
	if present := b.At(now); !present.Start.Equal(b.Start) {
		present.Holds[h.Slot] += h.Amount
		return asBudgetHeld(update(at, "SET period_start = :begin, spent = :none, used = :used, alerted = :nobody, holds = :holds", values{
			"begin": present.Start, "none": 0, "used": present.Used + h.Amount, "nobody": []int{}, "holds": present.Holds,
		}), b).and("#limit = :limit", values{"limit": b.Limit})
	}
	lapsed, sum := b.Lapsed(now)
	change := "SET used = used + :net, holds.#slot = if_not_exists(holds.#slot, :zero) + :amount"
	w := asBudgetRead(update(at, change, values{"net": h.Amount - sum, "zero": 0, "amount": h.Amount}), b).naming("slot", h.Slot).
		and("#limit = :limit AND used <= :most", values{"limit": b.Limit, "most": b.Limit - h.Amount + sum})
	gone := " REMOVE "
	for slot, amount := range lapsed {
		alias := "old_" + letters(len(w.names))
		w.change += gone + "holds.#" + alias
		gone = ", "
		w = w.naming(alias, slot).and("holds.#"+alias+" = :"+alias, values{alias: amount})
	}
	return w
}

// freeing is what settled reservations no longer hold, by slot.
type freeing map[string]money.Amount

func (f freeing) sum() (sum money.Amount) {
	for _, amount := range f {
		sum += amount
	}
	return sum
}

// in makes w, which sets attributes, set holds free as well, if they are there: somebody
// whose clock is ahead may have set them free, as lapsed.
func (f freeing) in(w write) write {
	for _, slot := range slices.Sorted(maps.Keys(f)) {
		alias := "slot_" + letters(len(w.names))
		w.change += ", holds.#" + alias + " = holds.#" + alias + " - :" + alias
		w = w.naming(alias, slot).and("holds.#"+alias+" >= :"+alias, values{alias: f[slot]})
	}
	return w
}

// errSettled says that a reservation is no longer there.
var errSettled = errors.New("store: the reservation was settled before")

// settleReservation removes a reservation, once.
func (t tenant) settleReservation(id string) write {
	return remove(t.reservation(id)).when("attribute_exists(pk)", nil).otherwise(errSettled)
}

// findReservations adds the reservations that charges settle. The first charge of a
// reservation settles it.
func (s *Store) findReservations(ctx context.Context, items []item) error {
	var wanted []key
	var whose []int
	for n, i := range items {
		if i.Reservation != "" {
			wanted, whose = append(wanted, tenant(i.OrgID).reservation(i.Reservation)), append(whose, n)
		}
	}
	found, err := s.getMany(ctx, wanted...)
	if err != nil {
		return err
	}
	taken := map[key]bool{}
	for n, row := range found {
		r, err := decodePresent[reservationRow](row)
		if err != nil {
			return err
		}
		if r != nil && r.KeyID == items[whose[n]].KeyID && !taken[wanted[n]] {
			taken[wanted[n]] = true
			items[whose[n]].reservation = r
		}
	}
	return nil
}
