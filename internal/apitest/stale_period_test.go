package apitest_test

import (
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// till is a key with a budget of $10, around the midnight that ends the first day of a
// month: there a day and a month begin together, and a day ends alone.
type till struct {
	biller
	owner    *apitest.Person
	key      payer
	midnight time.Time
}

func openTill(w *apitest.World, period string) till {
	owner := w.SignUp("Acme")
	key := pay(owner)
	owner, _ = owner.WithKey("manage") // sessions may have ended by then
	now := w.Clock.Now()
	x := till{billerOf(w), owner, key, time.Date(now.Year(), now.Month()+1, 2, 0, 0, 0, 0, time.UTC)}
	x.at(-oneMoment)
	x.set(period)
	return x
}

const oneMoment = 10 * time.Second

// at stops the clock before or after midnight.
func (x till) at(since time.Duration) { x.Clock.Stop(x.midnight.Add(since)) }

func (x till) set(period string) { setBudget(x.owner, "key", x.key.id, "10", period) }

func (x till) setAnew(period string) {
	x.owner.Do("DELETE", "/v1/budgets/key/"+x.key.id, nil).Want(204)
	x.set(period)
}

// pay counts an event of now, which settles a reservation if one is named.
func (x till) pay(usd int, reservation string) { x.payAt(x.Clock.Now(), usd, reservation) }

func (x till) payAt(at time.Time, usd int, reservation string) {
	x.Helper()
	x.report(x.event(x.key, x.NoID(), apitest.Map{
		"cost_usd": usd, "at": at.Format(time.RFC3339Nano), "reservation_id": reservation,
	})).want(x, 1, 0, 0, 0)
}

// payLate counts an event of before midnight.
func (x till) payLate(usd int, reservation string) {
	x.payAt(x.midnight.Add(-oneMoment), usd, reservation)
}

func (x till) hold(usd string) (reservation string) {
	x.Helper()
	return x.reserve(x.key, usd).Get("reservation_id")
}

// slowly does what somebody does whose request came before midnight, and took its time.
func (x till) slowly(f func()) { x.by(-oneMoment, f) }

// soon does what somebody does whose clock says that midnight is over.
func (x till) soon(f func()) { x.by(oneMoment, f) }

// by does something by another clock.
func (x till) by(since time.Duration, f func()) {
	now := x.Clock.Now()
	x.at(since)
	f()
	x.Clock.Stop(now)
}

// What counts to a budget, holds of it or frees it does so to the budget that there is by
// then: in the period that has begun meanwhile, under the terms that were set meanwhile,
// and only once.
func TestStale_budgetsMove(t *testing.T) {
	for name, c := range map[string]struct {
		period          string
		before          func(x till) (reservation string) // before midnight
		then            time.Duration                     // when the call is made
		call, meanwhile func(x till, reservation string)
		spent, reserved string
	}{
		"a late event, as the day begins": {
			"day", nothingHeld, oneMoment,
			func(x till, _ string) { x.payLate(2, "") },
			func(x till, _ string) { x.pay(1, "") }, "1", "0",
		},
		"an event of the next day by a clock that is behind, as the day begins": {
			"day", nothingHeld, -oneMoment,
			func(x till, _ string) { x.payAt(x.midnight.Add(time.Second), 2, "") },
			func(x till, _ string) { x.soon(func() { x.pay(1, "") }) }, "3", "0",
		},
		"an event of the next day by a clock that is behind, which frees what is held of it": {
			"day", holdThree, -oneMoment,
			func(x till, held string) { x.payAt(x.midnight.Add(time.Second), 2, held) },
			func(x till, _ string) { x.soon(func() { x.hold("4") }) }, "2", "4",
		},
		"an event of the month, which becomes a day": {
			"month", nothingHeld, oneMoment,
			func(x till, _ string) { x.pay(2, "") },
			func(x till, _ string) { x.slowly(func() { x.set("day") }) }, "2", "0",
		},
		"a settlement, as the budget is set anew": {
			"month", holdThree, oneMoment,
			func(x till, held string) { x.pay(1, held) },
			func(x till, _ string) { x.slowly(func() { x.setAnew("month"); x.hold("3") }) }, "1", "3",
		},
		"two settlements of one reservation": {
			"month", func(x till) string { x.hold("3"); return x.hold("3") }, oneMoment,
			func(x till, held string) { x.pay(1, held) },
			func(x till, held string) { x.pay(1, held) }, "2", "3",
		},

		"two events begin the day": {
			"day", nothingHeld, oneMoment,
			func(x till, _ string) { x.pay(1, "") },
			func(x till, _ string) { x.pay(2, "") }, "3", "0",
		},
		"an event begins the day, which becomes a month": {
			"day", func(x till) string { x.pay(2, ""); return "" }, oneMoment,
			func(x till, _ string) { x.pay(1, "") },
			func(x till, _ string) { x.set("month") }, "3", "0",
		},
		"an event begins the day, as what the last one held is settled": {
			"day", holdThree, oneMoment,
			func(x till, _ string) { x.pay(1, "") },
			func(x till, held string) { x.payLate(2, held) }, "1", "0",
		},
		"a settlement begins the day, as the budget is set anew": {
			"day", holdThree, oneMoment,
			func(x till, held string) { x.pay(1, held) },
			func(x till, _ string) { x.slowly(func() { x.setAnew("day"); x.hold("3") }) }, "1", "3",
		},

		"two reservations free what has lapsed": {
			"month", func(x till) string { return x.hold("6") }, 3 * time.Minute,
			func(x till, _ string) { x.hold("6") },
			func(x till, _ string) { x.hold("3") }, "0", "9",
		},
		"a reservation begins the day, and so does an event": {
			"day", nothingHeld, oneMoment,
			func(x till, _ string) { x.pay(1, x.hold("4")) },
			func(x till, _ string) { x.pay(2, "") }, "3", "0",
		},
		"a reservation begins the day, which becomes a month": {
			"day", func(x till) string { x.pay(2, ""); return "" }, oneMoment,
			func(x till, _ string) { x.pay(1, x.hold("4")) },
			func(x till, _ string) { x.set("month") }, "3", "0",
		},
		"a reservation begins the day, as what the last one held is settled": {
			"day", holdThree, oneMoment,
			func(x till, _ string) { x.pay(1, x.hold("4")) },
			func(x till, held string) { x.payLate(2, held) }, "1", "0",
		},
		"a reservation begins the day, as the limit is lowered": {
			"day", nothingHeld, oneMoment,
			func(x till, _ string) { x.hold("4") },
			func(x till, _ string) { x.slowly(func() { setBudget(x.owner, "key", x.key.id, "1", "day") }) }, "0", "0",
		},
		"a reservation begins the day, as the budget is set anew": {
			"day", nothingHeld, oneMoment,
			func(x till, _ string) { x.pay(1, x.hold("4")) },
			func(x till, _ string) { x.slowly(func() { x.setAnew("day") }) }, "1", "0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			x := openTill(apitest.New(t), c.period)
			reservation := c.before(x)
			x.at(c.then)
			mend := x.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { c.meanwhile(x, reservation) }))
			c.call(x, reservation)
			mend()
			if r := x.owner.Do("GET", "/v1/budgets/key/"+x.key.id, nil); r.Get("spent_usd") != c.spent || r.Get("reserved_usd") != c.reserved {
				t.Errorf("want $%s spent and $%s reserved: %s", c.spent, c.reserved, r.Body)
			}
		})
	}
}

func nothingHeld(till) string { return "" }
func holdThree(x till) string { return x.hold("3") }
