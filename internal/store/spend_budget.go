package store

import (
	"maps"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// A budget is one row, which takes one transaction at a time and 1,000 write units a second:
// a transaction of full size writes 2 of them for some 95 events. An org of 1,000 events a
// second in batches of 500 changes its budget 12 times a second, for 24 units. One event in a
// request, 1,000 times a second, would be 2,000 units, and nothing but conflicts: whoever
// spends that much sends batches. The same row takes the reservations of verify, one in a
// transaction: some 50 a second; reserve where budgets are small, of keys and members.

// use is what one transaction adds to what a budget has spent, and sets free of what was
// held of it.
type use struct {
	budget budgets.Budget // as far as is known
	start  time.Time      // of the period that the amount is of
	amount money.Amount
	free   freeing
	now    time.Time // by the clock of whoever counts
}

// uses adds up what the chunk's charges count to budgets. Only what falls into the present
// period of a budget counts; the first charge of a new period begins it.
func (c *chunk) uses() []use {
	found := map[key]*use{}
	var order []key
	for _, i := range c.items {
		for _, b := range i.Budgets {
			at := tenant(i.OrgID).budget(b.Ref())
			if moved, is := c.moved[at]; is {
				if moved == nil {
					continue
				}
				b = *moved
			}
			u := found[at]
			if u == nil {
				u = &use{budget: b, start: b.Start, free: freeing{}, now: c.now}
				found[at] = u
				order = append(order, at)
			}
			u.add(i)
		}
	}
	var uses []use
	for _, at := range order {
		if u := found[at]; u.amount > 0 || len(u.free) > 0 || !u.start.Equal(u.budget.Start) {
			uses = append(uses, *u)
		}
	}
	return uses
}

func (u *use) add(i item) {
	if r := i.reservation; r != nil && r.holdsOf(u.budget, u.now) && u.free[r.Slot]+r.Amount <= u.budget.Holds[r.Slot] {
		u.free[r.Slot] += r.Amount
	}
	period := u.budget.Period
	start := period.Start(earlier(i.At, u.now)) // a clock that is ahead begins no period
	if start.After(u.start) {
		u.start, u.amount = start, 0
	}
	// If it is our clock that is behind, the event's period has begun already.
	if start.Equal(u.start) || period.Start(i.At).Equal(u.start) {
		u.amount += i.Cost
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// write is the use as an update. It is refused, with errBudgetMoved, if the budget is not
// as it was read, or others have spent so much of it meanwhile that the use would cross a
// line that was out of its reach. What crosses a line makes the budget due: should nobody
// live to tell of it, the sweep does.
func (u use) write() write {
	b := u.budget
	at := tenant(b.OrgID).budget(b.Ref())
	if !u.start.Equal(b.Start) {
		return u.begin(at)
	}
	v := values{"amount": u.amount, "net": u.amount - u.free.sum()}
	change, line := "SET spent = spent + :amount, used = used + :net", b.NextLine()
	if b.Spent+u.amount >= line {
		return u.free.in(asBudgetRead(update(at, change+becomesDue(b, u.now, v), v), b))
	}
	return u.free.in(asBudgetRead(update(at, change, v), b)).and("spent < :reach", values{"reach": line - u.amount})
}

// begin is the update by which the use begins a period.
func (u use) begin(at key) write {
	b := u.budget
	holds := maps.Clone(b.Holds)
	for slot, amount := range u.free {
		holds[slot] -= amount
	}
	v := values{
		"begin": u.start, "spent": u.amount, "used": u.amount + b.Used - b.Spent - u.free.sum(), "none": []int{}, "holds": holds,
	}
	change := "SET period_start = :begin, spent = :spent, used = :used, alerted = :none, holds = :holds"
	if b.Spent = 0; u.amount >= b.NextLine() {
		change += becomesDue(b, u.now, v)
	}
	return asBudgetHeld(update(at, change, v), b)
}
