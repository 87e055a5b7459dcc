package pages

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// chart is spend over time: a bar for each day or month, stacked by what was spent on or
// with. It is drawn in units of its own, ten to a bar and a hundred high, and stretched.
type chart struct {
	Title  string
	Desc   string // what it shows, in a sentence
	Width  int
	Series []series
	Bars   []bar
	Top    string // what the highest line stands for
	Middle string
	Ticks  []string // first, middle and last bar
	Unit   string   // "Day" or "Month"
}

// series is one colour of a chart.
type series struct {
	Index int
	Label string
	Spend string
	Path  string // the outline of all its parts
}

// bar is all that was spent in one slot of time.
type bar struct {
	X               int
	Label           string
	Spend, Requests string
}

// maxSeries is how many colours there are, but for that of the rest.
const maxSeries = 5

// chartDims are what a query's chart groups by: its unit of time first.
func chartDims(q spend.Query, r spendRange) []spend.Dim {
	const maxDays = 100
	people := q.KeyID != "" || q.UserID != "" || q.TeamID != ""
	unit := spend.DayDim
	if people && q.Model != "" || !r.from.IsZero() && r.until.Sub(r.from) > maxDays*24*time.Hour {
		unit = spend.MonthDim
	}
	switch {
	case q.KeyID != "" || q.Model != "":
		return []spend.Dim{unit}
	case people:
		return []spend.Dim{unit, spend.KeyDim}
	default:
		return []spend.Dim{unit, spend.ModelDim}
	}
}

// newChart draws a report by chartDims until a day, which is not in it.
func newChart(r spend.Report, until time.Time) chart {
	if until.Before(r.To) {
		until = r.To
	}
	slots := newSlots(r.From, until, r.GroupBy[0] == spend.MonthDim)
	index := map[string]int{}
	for i, s := range slots {
		index[s.id] = i
	}
	parts, totals := map[string][]money.Amount{}, map[string]money.Amount{}
	labels := map[string]string{}
	for _, row := range r.Rows {
		id, label := seriesOf(row)
		at, ok := index[row.Day+row.Month]
		if !ok {
			continue
		}
		if parts[id] == nil {
			parts[id] = make([]money.Amount, len(slots))
		}
		parts[id][at] += row.Cost
		totals[id] += row.Cost
		labels[id] = label
		slots[at].Tally = slots[at].Plus(row.Tally)
	}
	c := chart{Title: "Spend by day, UTC", Unit: "Day", Width: 10 * len(slots)}
	if r.GroupBy[0] == spend.MonthDim {
		c.Title, c.Unit = "Spend by month, UTC", "Month"
	}
	c.draw(slots, parts, totals, labels)
	return c
}

// seriesOf is what of a row the bars are stacked by.
func seriesOf(row spend.Row) (id, label string) {
	if row.KeyID != "" {
		return row.KeyID, row.KeyName
	}
	return row.Model, row.Model
}

// draw stacks the largest series at the bottom, and all beyond maxSeries as one on top.
func (c *chart) draw(slots []slot, parts map[string][]money.Amount, totals map[string]money.Amount, labels map[string]string) {
	ids := make([]string, 0, len(totals))
	for id := range totals {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(totals[b], totals[a]), strings.Compare(a, b)) })
	var most slot
	for i, s := range slots {
		if s.Cost > most.Cost {
			most = s
		}
		c.Bars = append(c.Bars, bar{X: 10 * i, Label: s.label, Spend: usd(s.Cost), Requests: thousands(s.Requests)})
	}
	top := ceiling(most.Cost)
	c.Top, c.Middle = usd(top), usd(top/2)
	below := make([]money.Amount, len(slots))
	for i, id := range ids {
		if i < maxSeries {
			c.Series = append(c.Series, series{Index: i, Label: labels[id], Spend: usd(totals[id]), Path: stack(below, parts[id], top)})
		}
	}
	if len(ids) > maxSeries {
		rest, total := make([]money.Amount, len(slots)), money.Amount(0)
		for _, id := range ids[maxSeries:] {
			total += totals[id]
			for i, cost := range parts[id] {
				rest[i] += cost
			}
		}
		c.Series = append(c.Series, series{maxSeries, strconv.Itoa(len(ids)-maxSeries) + " others", usd(total), stack(below, rest, top)})
	}
	if n := len(slots); n > 0 {
		c.Ticks = []string{slots[0].label, slots[n/2].label, slots[n-1].label}
		c.Desc = "From " + slots[0].label + " to " + slots[n-1].label + ". The most was spent on " + most.label + ": " + usd(most.Cost) + "."
	}
}

// stack outlines one series on top of those below it, and raises them.
func stack(below, parts []money.Amount, top money.Amount) string {
	var path strings.Builder
	for i, cost := range parts {
		if cost <= 0 || top == 0 {
			continue
		}
		base, height := share(below[i], top), share(cost, top)
		below[i] += cost
		path.WriteString("M" + strconv.Itoa(10*i+1) + " " + decimal(100-base) + "h8v-" + decimal(height) + "h-8z")
	}
	return path.String()
}

func decimal(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

// ceiling is a round amount not below a, whose half is round too.
func ceiling(a money.Amount) money.Amount {
	for unit := money.Amount(10); unit < 1e18; unit *= 10 {
		for _, tenths := range []money.Amount{10, 12, 16, 20, 24, 30, 40, 50, 60, 80} {
			if top := unit / 10 * tenths; a <= top {
				return top
			}
		}
	}
	return a
}

// slot is the time of one bar, and all that was spent in it.
type slot struct {
	id, label string
	spend.Tally
}

// minSlots keeps few bars from growing wide.
const minSlots = 7

func newSlots(from, to time.Time, months bool) (slots []slot) {
	for at := from; at.Before(to) || len(slots) < minSlots; {
		if months {
			at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
			slots = append(slots, slot{id: at.Format("2006-01"), label: at.Format("Jan 2006")})
			at = at.AddDate(0, 1, 0)
			continue
		}
		slots = append(slots, slot{id: at.Format(time.DateOnly), label: at.Format("2 Jan")})
		at = at.AddDate(0, 0, 1)
	}
	return slots
}
