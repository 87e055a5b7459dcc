package spend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
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

// DifferencesMetric counts differences, by the function of that name which found them.
const (
	DifferencesMetric = "SpendDifferences"
	DifferencesOf     = "function"
)

// MaxDifferences bounds Findings.
const MaxDifferences = 100

// ErrMonth is the fault of a month that is none, or whose events are no longer all kept.
var ErrMonth = fault.BadField("month", "Give a month such as 2026-10, of the last 90 days.")

// ReconcileStore is what Reconciler needs. Reads are strongly consistent.
type ReconcileStore interface {
	// EachOrg visits all orgs that live.
	EachOrg(ctx context.Context, visit func(orgID string)) error
	// OrgLives reports whether an org is there and was not deleted.
	OrgLives(ctx context.Context, orgID string) (bool, error)
	// EachEvent visits all events of an org that are kept.
	EachEvent(ctx context.Context, orgID string, visit func(Event)) error
	// EachSum visits all sums of an org in a month: those of keys by day and by model, and
	// those of days.
	EachSum(ctx context.Context, orgID string, month time.Time, visit func(Sum)) error
	// CloseMonths adds up what an org spent before OpenSince, for those who ask for all that
	// it ever spent.
	CloseMonths(ctx context.Context, orgID string, now time.Time) error
}

// Reconciler closes the months that are past. Then it adds events up anew, and compares with
// the sums that were kept as they came.
type Reconciler struct {
	Store ReconcileStore
	Now   func() time.Time
}

// reserve is what a run keeps of its time to tell what it found.
const reserve = 5 * time.Second

// Reconcile compares all sums of a period, and changes none. It logs what it finds: whoever
// runs it by the clock hears no answer. An org that it fails for keeps it from no other, and
// so does one that takes too long: first the months of all are closed, which takes little; then
// they come in another order each time. Nothing takes more than half of the time that is left
// while something else waits.
func (r Reconciler) Reconcile(ctx context.Context, p Period) (Findings, error) {
	month, err := p.month(r.Now())
	if err != nil {
		return Findings{}, err
	}
	found := Findings{Month: month.Format("2006-01"), Differences: []Difference{}}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	orgs, err := r.orgs(ctx, p)
	rand.Shuffle(len(orgs), func(i, j int) { orgs[i], orgs[j] = orgs[j], orgs[i] })
	share, cancel := half(ctx)
	closing := each(share, orgs, func(ctx context.Context, orgID string) error { return r.Store.CloseMonths(ctx, orgID, r.Now()) })
	cancel()
	comparing := each(ctx, orgs, func(ctx context.Context, orgID string) error {
		return r.reconcile(ctx, orgID, month, &found)
	})
	return found, errors.Join(err, closing, comparing)
}

// orgs are those that a period is about; with an error, as many as were found.
func (r Reconciler) orgs(ctx context.Context, p Period) (ids []string, err error) {
	if p.OrgID != "" {
		return []string{p.OrgID}, nil
	}
	ctx, cancel := half(ctx)
	defer cancel()
	err = r.Store.EachOrg(ctx, func(orgID string) { ids = append(ids, orgID) })
	return ids, err
}

// each does something for each org, until there is no time.
func each(ctx context.Context, orgs []string, do func(ctx context.Context, orgID string) error) error {
	var errs []error
	for i, id := range orgs {
		if err := ctx.Err(); err != nil {
			return errors.Join(append(errs, err)...)
		}
		share, cancel := ctx, func() {}
		if i < len(orgs)-1 {
			share, cancel = half(ctx)
		}
		if err := do(share, id); err != nil {
			errs = append(errs, fmt.Errorf("org %s: %w", id, err))
		}
		cancel()
	}
	return errors.Join(errs...)
}

// half is a context with half of the time that is left of ctx's, if that ends.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(deadline)/2)
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

func (r Reconciler) reconcile(ctx context.Context, orgID string, month time.Time, found *Findings) error {
	found.Orgs++
	differences, events, err := r.compare(ctx, orgID, month)
	if err != nil {
		return err
	}
	if len(differences) > 0 { // a deleted org loses its sums, and keeps its events until their time is over
		lives, err := r.Store.OrgLives(ctx, orgID)
		if err != nil || !lives {
			return err
		}
	}
	found.Events += events
	found.add(ctx, differences)
	return nil
}

// add logs and keeps differences, while there is room.
func (f *Findings) add(ctx context.Context, differences []Difference) {
	if room := MaxDifferences - len(f.Differences); len(differences) > room {
		differences, f.More = differences[:room], true
	}
	for _, d := range differences {
		slog.ErrorContext(ctx, "a sum is not what its events add up to", "month", f.Month, "difference", d)
	}
	f.Differences = append(f.Differences, differences...)
}

// cell names one sum.
type cell struct {
	keyID string
	day   int
	model string
}

// tallies are sums, or what events add up to.
type tallies map[cell]Tally

func (t tallies) add(c cell, more Tally) { t[c] = t[c].Plus(more) }

// compare reads sums before the events, and where they differ once more behind them: they
// only grow, so that what comes in meanwhile makes sums that the total lies between. In the
// rush of a busy org a small difference may hide there, until its day is over.
func (r Reconciler) compare(ctx context.Context, orgID string, month time.Time) ([]Difference, int, error) {
	before, err := r.sums(ctx, orgID, month)
	if err != nil {
		return nil, 0, err
	}
	totals, events, err := r.totals(ctx, orgID, month)
	if err != nil {
		return nil, 0, err
	}
	fold(before, totals)
	if len(differences(orgID, totals, before, before)) == 0 {
		return nil, events, nil
	}
	after, err := r.sums(ctx, orgID, month)
	if err != nil {
		return nil, 0, err
	}
	fold(after, before, totals)
	return differences(orgID, totals, before, after), events, nil
}

// totals are what the events of a month add up to, and how many there are.
func (r Reconciler) totals(ctx context.Context, orgID string, month time.Time) (totals tallies, events int, err error) {
	totals = tallies{}
	err = r.Store.EachEvent(ctx, orgID, func(e Event) {
		if !firstOfMonth(e.At).Equal(month) {
			return
		}
		events++
		for _, c := range []cell{{e.KeyID, e.At.Day(), ""}, {e.KeyID, 0, e.Model}, {"", e.At.Day(), e.Model}} {
			totals.add(c, e.Tally())
		}
	})
	return totals, events, err
}

func (r Reconciler) sums(ctx context.Context, orgID string, month time.Time) (tallies, error) {
	sums := tallies{}
	err := r.Store.EachSum(ctx, orgID, month, func(s Sum) { sums.add(cell{s.KeyID, s.Day, s.Model}, s.Tally) })
	return sums, err
}

// differences are the totals that lie outside of what the sums were before and after.
func differences(orgID string, totals, before, after tallies) (found []Difference) {
	for c, sum := range after {
		if total := totals[c]; !total.between(before[c], sum) {
			found = append(found, Difference{orgID, c.keyID, c.day, c.model, sum, total})
		}
	}
	for c, total := range totals {
		if _, kept := after[c]; !kept { // events without a sum
			found = append(found, Difference{orgID, c.keyID, c.day, c.model, Tally{}, total})
		}
	}
	slices.SortFunc(found, func(a, b Difference) int {
		return cmp.Or(strings.Compare(a.KeyID, b.KeyID), cmp.Compare(a.Day, b.Day), strings.Compare(a.Model, b.Model))
	})
	return found
}

// between reports whether each number lies between those of two tallies.
func (t Tally) between(least, most Tally) bool {
	return least.Cost <= t.Cost && t.Cost <= most.Cost &&
		least.Requests <= t.Requests && t.Requests <= most.Requests &&
		least.Prompt <= t.Prompt && t.Prompt <= most.Prompt &&
		least.Output <= t.Output && t.Output <= most.Output
}

// fold makes one of all models of a sum that has too many to keep them apart.
func fold(sums tallies, others ...tallies) {
	folded := map[cell]bool{}
	for c := range sums {
		if c.model == OtherModels {
			folded[c] = true
		}
	}
	for _, cells := range append(others, sums) {
		for c, t := range cells {
			other := cell{c.keyID, c.day, OtherModels}
			if c.model != "" && c != other && folded[other] {
				cells.add(other, t)
				delete(cells, c)
			}
		}
	}
}
