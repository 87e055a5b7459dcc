package spend

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Period is what to reconcile: a month of one org, or of all.
type Period struct {
	OrgID string `json:"org_id,omitempty"` // empty: all, which reads the whole table to find them
	Month string `json:"month,omitempty"`  // 2026-10; empty: the one of yesterday
}

// Findings are what reconciling found.
type Findings struct {
	Month       string       `json:"month"`
	Orgs        int          `json:"orgs"`
	Events      int          `json:"events"`
	Differences []Difference `json:"differences"`
	More        bool         `json:"more,omitempty"` // there are others beside
}

// Difference is a sum that is not what its events add up to: of a key on a day or on a
// model, or of the org on a day and a model.
type Difference struct {
	OrgID string `json:"org_id"`
	KeyID string `json:"key_id,omitempty"`
	Day   int    `json:"day,omitempty"`
	Model string `json:"model,omitempty"`
	Sum   Tally  `json:"sum"`
	Total Tally  `json:"total"` // of the events
}

// MaxDifferences bounds Findings.
const MaxDifferences = 100

// ErrMonth is the fault of a month that is none, or whose events are no longer all kept.
var ErrMonth = fault.BadField("month", "Give a month such as 2026-10, of the last 90 days.")

// ReconcileStore is what Reconciler needs. Reads are strongly consistent.
type ReconcileStore interface {
	EachOrg(ctx context.Context, visit func(orgID string) error) error
	// EachEvent visits all events of an org that are kept.
	EachEvent(ctx context.Context, orgID string, visit func(Event)) error
	// EachSum visits all sums of an org in a month: those of keys by day and by model, and
	// those of days.
	EachSum(ctx context.Context, orgID string, month time.Time, visit func(Sum)) error
	// CloseMonths adds up what an org spent before OpenSince, for those who ask for all that
	// it ever spent.
	CloseMonths(ctx context.Context, orgID string, now time.Time) error
}

// Reconciler adds events up anew, and compares with the sums that were kept as they came.
// Then it closes the months that are past.
type Reconciler struct {
	Store ReconcileStore
	Now   func() time.Time
}

// Reconcile compares all sums of a period. It changes none.
func (r Reconciler) Reconcile(ctx context.Context, p Period) (Findings, error) {
	month, err := p.month(r.Now())
	if err != nil {
		return Findings{}, err
	}
	found := Findings{Month: month.Format("2006-01"), Differences: []Difference{}}
	one := func(orgID string) error {
		if err := r.reconcile(ctx, orgID, month, &found); err != nil {
			return err
		}
		return r.Store.CloseMonths(ctx, orgID, r.Now())
	}
	if p.OrgID != "" {
		return found, one(p.OrgID)
	}
	return found, r.Store.EachOrg(ctx, one)
}

func (p Period) month(now time.Time) (time.Time, error) {
	if p.Month == "" {
		return firstOfMonth(now.Add(-day)), nil
	}
	month, err := time.Parse("2006-01", p.Month)
	if err != nil || month.After(now) || month.Before(now.Add(-Keep)) {
		return month, ErrMonth
	}
	return month, nil
}

// tries is how often an org is looked at before a difference is believed: events that are
// counted between the reads of events and sums make one that is none.
const tries = 3

func (r Reconciler) reconcile(ctx context.Context, orgID string, month time.Time, found *Findings) error {
	found.Orgs++
	var differences []Difference
	var events int
	for range tries {
		var err error
		if differences, events, err = r.compare(ctx, orgID, month); err != nil {
			return err
		}
		if len(differences) == 0 {
			break
		}
	}
	found.Events += events
	room := MaxDifferences - len(found.Differences)
	if len(differences) > room {
		differences, found.More = differences[:room], true
	}
	found.Differences = append(found.Differences, differences...)
	return nil
}

// cell names one sum.
type cell struct {
	keyID string
	day   int
	model string
}

func (r Reconciler) compare(ctx context.Context, orgID string, month time.Time) (differences []Difference, events int, err error) {
	totals, sums := map[cell]Tally{}, map[cell]Tally{}
	err = r.Store.EachEvent(ctx, orgID, func(e Event) {
		if !firstOfMonth(e.At).Equal(month) {
			return
		}
		events++
		for _, c := range []cell{{e.KeyID, e.At.Day(), ""}, {e.KeyID, 0, e.Model}, {"", e.At.Day(), e.Model}} {
			totals[c] = totals[c].Plus(e.Tally())
		}
	})
	if err != nil {
		return nil, 0, err
	}
	err = r.Store.EachSum(ctx, orgID, month, func(s Sum) {
		c := cell{s.KeyID, s.Day, s.Model}
		sums[c] = sums[c].Plus(s.Tally)
	})
	if err != nil {
		return nil, 0, err
	}
	fold(totals, sums)
	for c := range sums {
		if _, known := totals[c]; !known {
			totals[c] = Tally{} // sums without events
		}
	}
	for c, total := range totals {
		if sums[c] != total {
			differences = append(differences, Difference{orgID, c.keyID, c.day, c.model, sums[c], total})
		}
	}
	slices.SortFunc(differences, func(a, b Difference) int {
		return cmp.Or(strings.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Day, b.Day), strings.Compare(a.Model, b.Model))
	})
	return differences, events, nil
}

// fold makes one of all models of a sum that has too many to keep them apart.
func fold(totals, sums map[cell]Tally) {
	folded := map[cell]bool{}
	for c := range sums {
		if c.model == OtherModels {
			folded[c] = true
		}
	}
	for _, cells := range []map[cell]Tally{totals, sums} {
		for c, t := range cells {
			other := cell{c.keyID, c.day, OtherModels}
			if c.model != "" && c != other && folded[other] {
				cells[other] = cells[other].Plus(t)
				delete(cells, c)
			}
		}
	}
}
