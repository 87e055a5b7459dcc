package pages

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// spendRange is the time that the spend page is about, in days of UTC.
type spendRange struct {
	name     string    // of one of spendRanges; empty if the days were chosen one by one
	from, to time.Time // to is not one of them; zero: until now
	until    time.Time // where the chart ends
}

// spendRanges are those that one click chooses.
var spendRanges = []struct {
	name, label string
	at          func(today time.Time) spendRange
}{
	{"month", "This month", func(today time.Time) spendRange {
		first := today.AddDate(0, 0, 1-today.Day())
		return spendRange{from: first, until: first.AddDate(0, 1, 0)}
	}},
	{"last-month", "Last month", func(today time.Time) spendRange {
		first := today.AddDate(0, 0, 1-today.Day())
		return spendRange{from: first.AddDate(0, -1, 0), to: first, until: first}
	}},
	{"7d", "7 days", lastDays(7)},
	{"30d", "30 days", lastDays(30)},
	{"90d", "90 days", lastDays(90)},
}

func lastDays(n int) func(today time.Time) spendRange {
	return func(today time.Time) spendRange {
		tomorrow := today.AddDate(0, 0, 1)
		return spendRange{from: tomorrow.AddDate(0, 0, -n), until: tomorrow}
	}
}

// The faults of days that were typed.
var (
	errFrom = fault.BadField("query.from", "Days are written like 2030-12-31.")
	errTo   = fault.BadField("query.to", "Days are written like 2030-12-31.")
)

// spendRange reads the query. The last day that people type is in it.
func (v visit) spendRange() (r spendRange, err error) {
	today := v.now.UTC().Truncate(24 * time.Hour)
	if v.query("from") == "" && v.query("to") == "" {
		for _, known := range spendRanges {
			if name := or(v.query("range"), spendRanges[0].name); known.name == name {
				r = known.at(today)
				r.name = name
				return r, nil
			}
		}
		return r, fault.ErrNotFound
	}
	if r.from, err = day(v.query("from")); err != nil {
		return r, errFrom
	}
	last, err := day(v.query("to"))
	if err != nil {
		return r, errTo
	}
	if last.IsZero() {
		r.until = today.AddDate(0, 0, 1)
		return r, nil
	}
	r.to = last.AddDate(0, 0, 1)
	r.until = r.to
	return r, nil
}

// rangeTabs lead to the other ranges, with the same filters.
func (v visit) rangeTabs(chosen string) (tabs []tab) {
	for _, r := range spendRanges {
		tabs = append(tabs, tab{Label: r.label, Href: v.here("range", r.name, "from", "", "to", "", "page", ""), Current: r.name == chosen})
	}
	return tabs
}
