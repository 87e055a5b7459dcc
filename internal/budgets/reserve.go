package budgets

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
)

// How long a reservation holds, unless it is settled before.
const (
	HoldTime    = time.Minute
	MaxHoldTime = time.Hour
)

// Hold is a reservation: an amount that is held of every budget on a key's path until the
// event that settles it, or until its slot ends.
type Hold struct {
	ID      string
	OrgID   string
	KeyID   string
	Amount  money.Amount
	Slot    string
	Budgets []Budget // as read
}

// Room reports whether amount can be held of the budget at now.
func (b Budget) Room(amount money.Amount, now time.Time) bool {
	return b.At(now).Used+amount <= b.Limit
}

// Lapsed are the holds that time has set free, and their sum.
func (b Budget) Lapsed(now time.Time) (slots map[string]money.Amount, sum money.Amount) {
	slots = map[string]money.Amount{}
	for slot, amount := range b.Holds {
		if lapses(slot, now) {
			slots[slot] = amount
			sum += amount
		}
	}
	return slots, sum
}
