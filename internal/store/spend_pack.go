package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// dayShards is over how many rows the sums of an org's day spread: the transactions of one
// batch use one each.
const dayShards = 16

// chunk is what one transaction counts: some charges, and the sums that they change.
type chunk struct {
	items []item
	shard int                     // of the rows of days
	rows  map[key]int             // the number of the row at which a key's sums begin; else 0
	full  map[key][]string        // models of rows that were found to be full
	moved map[key]*budgets.Budget // those that were found to be not as they were read
	now   time.Time
}

// item is a charge, its place in the batch, and the sums of its key that it changes.
type item struct {
	*spend.Charge
	place   int
	keySums key

	reservation *reservationRow // that the charge settles
}

// actions are those that the charge takes for itself.
func (i item) actions() int {
	if i.reservation != nil {
		return 2
	}
	return 1
}

func month(at time.Time) string { return at.Format("2006-01") }

// daySums are the sums of its day that the charge changes.
func (i item) daySums(shard int) key {
	return tenant(i.OrgID).daySpend(month(i.At), i.At.Day(), shard)
}

// pack cuts charges into chunks that one transaction takes each. Charges of one key go
// together, those of the busiest keys first: few sums change in each transaction, and it is
// the busiest keys that are cut in two. A key's newest come first, and so to the first row
// of its sums, which tells when it was last used.
func pack(items []item) []*chunk {
	var chunks []*chunk
	var c *chunk
	size := 0 // actions, but for those of sums
	touched, times := map[key]bool{}, map[key]int{}
	for _, i := range items {
		keySums, daySums := i.keySums, i.daySums(0)
		more := i.actions()
		changes := []key{keySums, daySums}
		for _, b := range i.Budgets {
			changes = append(changes, tenant(i.OrgID).budget(b.Ref()))
		}
		for _, k := range changes {
			if !touched[k] {
				more++
			}
		}
		if c == nil || size+len(touched)+more > maxActions {
			c = &chunk{rows: map[key]int{}, full: map[key][]string{}, moved: map[key]*budgets.Budget{}}
			chunks = append(chunks, c)
			size = 0
			clear(touched)
		}
		if !touched[keySums] { // other transactions of this batch may change the same sums: take rows of our own
			c.rows[keySums] = times[keySums] % maxSheets
			times[keySums]++
		}
		for _, k := range changes {
			touched[k] = true
		}
		c.items = append(c.items, i)
		size += i.actions()
	}
	return chunks
}

func sorted(charges []spend.Charge) []item {
	items, busy := make([]item, len(charges)), map[key]int{}
	for place := range charges {
		c := &charges[place]
		items[place] = item{Charge: c, place: place, keySums: tenant(c.OrgID).keySpend(month(c.At), c.KeyID)}
		busy[items[place].keySums]++
	}
	slices.SortStableFunc(items, func(a, b item) int {
		ka, kb := a.keySums, b.keySums
		return cmp.Or(
			strings.Compare(ka.PK, kb.PK),
			cmp.Compare(busy[kb], busy[ka]),
			strings.Compare(ka.SK, kb.SK),
			b.At.Compare(a.At),
		)
	})
	return items
}

// split cuts a chunk in two.
func (c *chunk) split() (left, right *chunk) {
	half := len(c.items) / 2
	left, right = &chunk{}, &chunk{}
	*left, *right = *c, *c
	left.items, right.items = c.items[:half:half], c.items[half:]
	return left, right
}

// sheets adds up what the chunk's charges change, row by row.
func (c *chunk) sheets() []sheet {
	rows := map[key]*sheet{}
	var order []key
	row := func(at key) *sheet {
		if rows[at] == nil {
			rows[at] = &sheet{key: at, models: map[string]spend.Tally{}, days: map[int]spend.Tally{}}
			order = append(order, at)
		}
		return rows[at]
	}
	for _, i := range c.items {
		for _, sums := range []key{i.keySums, i.daySums(c.shard)} {
			at, model := c.place(rows, sums, i.Model)
			s := row(at)
			s.models[model] = s.models[model].Plus(i.Tally())
			if sums == i.keySums {
				// A row has room for all days: they go to the first, whose models may be others.
				days := row(sheetKey(sums, c.rows[sums]))
				days.days[i.At.Day()] = days.days[i.At.Day()].Plus(i.Tally())
				s.payer, days.payer = &i.Payer, &i.Payer
			}
		}
	}
	sheets := make([]sheet, len(order))
	for n, at := range order {
		sheets[n] = *rows[at]
	}
	return sheets
}

// place finds the row for a model: the first, from where the sums begin, that has it or has
// room as far as is known. The last, for the models that are not kept apart, is behind all
// rows that models of their own can be in, wherever they begin: it is never full.
func (c *chunk) place(rows map[key]*sheet, sums key, model string) (key, string) {
	first := c.rows[sums]
	for n := range maxSheets {
		at := sheetKey(sums, first+n)
		there := map[string]bool{}
		for _, m := range c.full[at] {
			there[m] = true
		}
		if s := rows[at]; s != nil {
			for m := range maps.Keys(s.models) {
				there[m] = true
			}
		}
		if there[model] || len(there) < maxSheetModels && c.full[at] == nil {
			return at, model
		}
	}
	return sheetKey(sums, first+2*maxSheets), spend.OtherModels
}
