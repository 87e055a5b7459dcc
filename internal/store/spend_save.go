package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// eventRow is the marker of an event that was counted: what tells a replay, and what sums
// can be recomputed from.
type eventRow struct {
	KeyID  string       `json:"key_id"`
	Model  string       `json:"model"`
	Cost   money.Amount `json:"cost"`
	Prompt int64        `json:"prompt_tokens"`
	Output int64        `json:"completion_tokens"`
	At     time.Time    `json:"at"`
	expiring
}

func (r eventRow) event(id string) spend.Event {
	return spend.Event{ID: id, KeyID: r.KeyID, Model: r.Model, Cost: r.Cost, Prompt: r.Prompt, Output: r.Output, At: r.At}
}

// mark inserts the marker of an event. It is refused, with errCounted, if there is one.
func (t tenant) mark(e spend.Event) write {
	return insert(t.event(e.ID), eventRow{e.KeyID, e.Model, e.Cost, e.Prompt, e.Output, e.At, until(e.At.Add(spend.Keep))}).
		explained(func(old attributes) error {
			row, err := decodeAs[eventRow](old)
			if err != nil {
				return err
			}
			return errCounted{row.event(e.ID)}
		})
}

// errCounted says that an event of the same id was counted before.
type errCounted struct{ event spend.Event }

func (errCounted) Error() string { return "store: the event was counted before" }

// parallelSaves is how many transactions of a batch are under way at once.
const parallelSaves = 12

// SaveCharges counts charges; see spend.IngestStore.
func (s *Store) SaveCharges(ctx context.Context, charges []spend.Charge, now time.Time) ([]*spend.Event, error) {
	before := make([]*spend.Event, len(charges))
	items := sorted(charges)
	if err := s.findReservations(ctx, items); err != nil {
		return nil, err
	}
	chunks := pack(items)
	first := rand.IntN(dayShards)
	for i, c := range chunks {
		c.shard, c.now = (first+i)%dayShards, now
	}
	lanes := lanesOf(chunks)
	errs := make([]error, len(lanes))
	slots := make(chan struct{}, parallelSaves)
	var wg sync.WaitGroup
	for i, lane := range lanes {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			for _, c := range lane {
				errs[i] = errors.Join(errs[i], s.saveChunk(ctx, c, before))
			}
		})
	}
	wg.Wait()
	return before, errors.Join(errs...)
}

// lanesOf are the chunks by what may be saved at once: neighbours that change a budget in
// common would conflict, and be paid for at each try. What one of a lane finds out about a
// budget, the next ones know.
func lanesOf(chunks []*chunk) (lanes [][]*chunk) {
	var last map[key]bool
	for _, c := range chunks {
		changed, shared := map[key]bool{}, false
		for _, i := range c.items {
			for _, b := range i.Budgets {
				at := tenant(i.OrgID).budget(b.Ref())
				changed[at] = true
				shared = shared || last[at]
			}
		}
		if last = changed; shared {
			lane := &lanes[len(lanes)-1]
			c.moved = (*lane)[0].moved
			*lane = append(*lane, c)
			continue
		}
		lanes = append(lanes, []*chunk{c})
	}
	return lanes
}

// saveChunk counts what a chunk has: all of it, or, where events turn out to be known or a
// row to be full, the rest, until nothing is refused. Each refusal takes away an event, a
// reservation or the room of a row, so it ends; but for those of budgets that others move,
// which are tried again, after a pause, until ctx ends.
func (s *Store) saveChunk(ctx context.Context, c *chunk, before []*spend.Event) error {
	for wait := newBackoff(); len(c.items) > 0; {
		sheets, uses := c.sheets(), c.uses()
		settled := c.settled()
		if len(c.items) > 1 && len(c.items)+len(sheets)+len(uses)+len(settled) > maxActions {
			left, right := c.split()
			if err := s.saveChunk(ctx, left, before); err != nil {
				return err
			}
			c = right
			continue
		}
		refusals, err := s.transact(ctx, c.writes(sheets, uses, settled))
		if err != nil || refusals == nil {
			return err
		}
		moved := slices.ContainsFunc(refusals, func(err error) bool { return errors.As(err, &errBudgetMoved{}) })
		if err := c.settle(refusals, sheets, uses, settled, before); err != nil {
			return err
		}
		if moved && !wait.sleep(ctx) {
			return busy(errBudgetMoved{})
		}
	}
	return nil
}

// settled are the places in items of charges that settle reservations.
func (c *chunk) settled() (places []int) {
	for n, i := range c.items {
		if i.reservation != nil {
			places = append(places, n)
		}
	}
	return places
}

// writes are the markers, in order, then the sheets, then what budgets have spent, then the
// ends of reservations.
func (c *chunk) writes(sheets []sheet, uses []use, settled []int) []write {
	writes := make([]write, 0, len(c.items)+len(sheets)+len(uses))
	for _, i := range c.items {
		writes = append(writes, tenant(i.OrgID).mark(i.Event))
	}
	for _, s := range sheets {
		writes = append(writes, s.write())
	}
	for _, u := range uses {
		writes = append(writes, u.write())
	}
	for _, n := range settled {
		writes = append(writes, tenant(c.items[n].OrgID).settleReservation(c.items[n].Reservation))
	}
	return writes
}

// settle takes out the events that were counted before, and notes which rows are full, which
// budgets are not as they were, and which reservations are gone.
func (c *chunk) settle(refusals []error, sheets []sheet, uses []use, settled []int, before []*spend.Event) error {
	for i, n := range settled {
		switch err := refusals[len(c.items)+len(sheets)+len(uses)+i]; {
		case errors.Is(err, errSettled):
			c.items[n].reservation = nil
		case err != nil:
			return err
		}
	}
	kept := c.items[:0]
	var counted errCounted
	for n, item := range c.items {
		switch err := refusals[n]; {
		case err == nil:
			kept = append(kept, item)
		case errors.As(err, &counted):
			event := counted.event
			before[item.place] = &event
		default:
			return err
		}
	}
	refusals = refusals[len(c.items):]
	c.items = kept
	return errors.Join(c.learnFull(refusals, sheets), c.learnMoved(refusals[len(sheets):], uses))
}

// learnFull notes which rows are full. One that was known to be full already, and is refused
// for the same models, would be refused for ever.
func (c *chunk) learnFull(refusals []error, sheets []sheet) error {
	for n, s := range sheets {
		var full errSheetFull
		switch err := refusals[n]; {
		case err == nil:
		case !errors.As(err, &full):
			return err
		case len(c.full[s.key]) == len(full.models):
			return fmt.Errorf("store: no room in %s / %s for what it has", s.key.PK, s.key.SK)
		default:
			c.full[s.key] = full.models
		}
	}
	return nil
}

// learnMoved notes which budgets are not as they were read.
func (c *chunk) learnMoved(refusals []error, uses []use) error {
	for n, u := range uses {
		var moved errBudgetMoved
		switch err := refusals[n]; {
		case err == nil:
		case !errors.As(err, &moved):
			return err
		default:
			c.moved[tenant(u.budget.OrgID).budget(u.budget.Ref())] = moved.now
		}
	}
	return nil
}
