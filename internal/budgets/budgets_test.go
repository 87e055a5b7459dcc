package budgets

import (
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
)

// A percentage of the largest limit is never less than one of a smaller limit: beyond what
// an amount can be, no line is crossed.
func TestBudget_crossed(t *testing.T) {
	for _, c := range []struct {
		limit, spent money.Amount
		want         []int
	}{
		{100 * money.Dollar, 49*money.Dollar + 999_999_999, nil},
		{100 * money.Dollar, 50 * money.Dollar, []int{50}},
		{100 * money.Dollar, 1000 * money.Dollar, []int{50, 100, 1000}},
		{MaxLimit, 1, nil},
		{MaxLimit, MaxLimit/2 - 1, nil},
		{MaxLimit, MaxLimit, []int{50, 100}},
		{MaxLimit, money.Max, []int{50, 100, 1000}},
		{923_000_000 * money.Dollar, 1, nil},
		{0, 1, []int{50, 100, 1000}},
		{0, 0, nil},
	} {
		b := Budget{Terms: Terms{Limit: c.limit, Alerts: []int{50, 100, MaxAlert}}, Spent: c.spent}
		if got := b.Crossed(); !slices.Equal(got, c.want) {
			t.Errorf("$%s of $%s crosses %v, want %v", c.spent, c.limit, got, c.want)
		}
	}
}

// A slot ends at the time that it is of, or less than its width later: never before.
func TestSlot(t *testing.T) {
	base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, d := range []time.Duration{0, 1, time.Microsecond, 29*time.Second + 999999999, 30 * time.Second, 30*time.Second + 1, 30*time.Second + 900*time.Millisecond} {
		until := base.Add(d)
		end := slotEnd(Slot(until))
		if end.Before(until) || end.Sub(until) >= slotWidth {
			t.Errorf("what lapses at %s ends at %s", until, end)
		}
		if slot := Slot(until); Holds(slot, end) || !Holds(slot, end.Add(-1)) || lapses(slot, end.Add(grace-1)) || !lapses(slot, end.Add(grace)) {
			t.Errorf("the edges of slot %s", slot)
		}
	}
}
