package store

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// use is what one transaction adds to what a budget has spent.
type use struct {
	budget budgets.Budget // as far as is known
	start  time.Time      // of the period that the amount is of
	amount money.Amount
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
			start := b.Period.Start(earlier(i.At, c.now)) // a clock that is ahead begins no period
			if start.Before(b.Start) || i.Cost == 0 {
				continue
			}
			u := found[at]
			if u == nil {
				u = &use{budget: b, start: start}
				found[at] = u
				order = append(order, at)
			}
			if start.After(u.start) {
				u.start, u.amount = start, 0
			}
			if start.Equal(u.start) {
				u.amount += i.Cost
			}
		}
	}
	uses := make([]use, len(order))
	for n, at := range order {
		uses[n] = *found[at]
	}
	return uses
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// write is the use as an update. It is refused, with errBudgetMoved, if the budget is not
// as it was read.
func (u use) write() write {
	at := tenant(u.budget.OrgID).budget(u.budget.Ref())
	if u.start.Equal(u.budget.Start) {
		return asBudgetRead(update(at, "SET spent = spent + :amount, used = used + :amount", values{"amount": u.amount}), u.budget)
	}
	return asBudgetUnused(beginPeriod(at, u.budget, u.start, u.amount, u.amount), u.budget)
}

// beginPeriod begins a period of a budget with what is spent and used in it. What
// reservations hold goes on being held.
func beginPeriod(at key, b budgets.Budget, start time.Time, spent, used money.Amount) write {
	return update(at, "SET period_start = :begin, spent = :spent, used = :used, alerted = :none", values{
		"begin": start, "spent": spent, "used": used + b.Used - b.Spent, "none": []int{},
	})
}
