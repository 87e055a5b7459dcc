package budgets

import (
	"strconv"
	"time"
)

// Period is how long a limit is for.
type Period string

// The periods: of the calendar, in UTC; weeks begin on Monday.
const (
	Day   Period = "day"
	Week  Period = "week"
	Month Period = "month"
	Total Period = "total"
)

// Periods are all of them.
var Periods = []Period{Day, Week, Month, Total}

// beginning is the start of what has no beginning.
var beginning = time.Unix(0, 0).UTC()

// Start is the first instant of the period that t is in.
func (p Period) Start(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	switch p {
	case Day:
	case Week:
		day -= (int(t.UTC().Weekday()) + 6) % 7
	case Month:
		day = 1
	default:
		return beginning
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// End is the first instant after the period that begins at start; zero if it has no end.
func (p Period) End(start time.Time) time.Time {
	switch p {
	case Day:
		return start.AddDate(0, 0, 1)
	case Week:
		return start.AddDate(0, 0, 7)
	case Month:
		return start.AddDate(0, 1, 0)
	default:
		return time.Time{}
	}
}

// Reservations are held in slots by the time at which they lapse: all of one slot lapse
// together, so that a budget has few slots, however many reservations there are.
const (
	slotWidth = 30 * time.Second
	// grace is how much later than settled ones, by any clock, lapsed reservations are set
	// free: none is ever set free twice.
	grace = 30 * time.Second
)

// Slot is the slot of reservations that lapse at until, or soon after.
func Slot(until time.Time) string {
	return strconv.FormatInt((until.UnixNano()+int64(slotWidth)-1)/int64(slotWidth), 10)
}

// Holds reports whether a reservation of the slot still holds at now: if so, settling it
// frees what it held; if not, time does.
func Holds(slot string, now time.Time) bool { return now.Before(slotEnd(slot)) }

func lapses(slot string, now time.Time) bool { return !now.Before(slotEnd(slot).Add(grace)) }

func slotEnd(slot string) time.Time {
	n, err := strconv.ParseInt(slot, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n*int64(slotWidth/time.Second), 0)
}
