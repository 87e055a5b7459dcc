// This file is laid over the store while its guards are tried; see internal/prove/guards.
// The functions that it stands in for go by their name and Unwatched.
package store

import (
	"context"
	"maps"
	"slices"

	"github.com/nemorouter/nemo-team/internal/prove/guards/watch"
)

// watched is what a write knows of its guards.
type watched struct {
	step  string
	parts []watch.Part
}

func (w write) when(condition string, v values) write {
	w.watched.parts = nil
	return w.whenUnwatched(condition, v).states(watch.Part{Site: watch.Here(), Text: condition})
}

func (w write) and(condition string, v values) write {
	return w.andUnwatched(condition, v).states(watch.Part{Site: watch.Here(), Text: condition})
}

func (w write) states(p watch.Part) write {
	w.watched.parts = append(slices.Clip(w.watched.parts), p)
	return w
}

func (s *Store) transact(ctx context.Context, writes []write) ([]error, error) {
	step, guarded := watch.Step(), slices.Clone(writes)
	for i, w := range guarded {
		guarded[i] = w.guarded(step)
	}
	return s.transactUnwatched(ctx, guarded)
}

func (s *Store) apply(ctx context.Context, w write) error {
	return s.applyUnwatched(ctx, w.guarded(watch.Step()))
}

// guarded is the write without the guard that is to go, and without the values that only
// the guard named.
func (w write) guarded(step string) write {
	w.watched.step = step
	left := watch.Guarded(w.stated())
	if left == w.condition {
		return w
	}
	w.condition, w.values = left, maps.Clone(w.values)
	maps.DeleteFunc(w.values, func(name string, _ any) bool { return !watch.Mentions(w.change+" "+left, name) })
	if left == "" && w.verb == requireVerb {
		w.condition = "attribute_exists(pk) OR attribute_not_exists(pk)"
	}
	return w
}

func (w write) stated() watch.Condition {
	return watch.Condition{Step: w.watched.step, Item: watch.Kind(w.key.PK, w.key.SK), Parts: w.watched.parts}
}

func (w write) refusal(old attributes) error {
	watch.Failed(w.stated())
	return w.refusalUnwatched(old)
}

func asFault(err error) error {
	watch.Fault(err)
	return asFaultUnwatched(err)
}
