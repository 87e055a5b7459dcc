package guards

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/prove/guards/watch"
)

// workers is how many processes run at once.
const workers = 2

// lab is where guards are tried.
type lab struct {
	runners []*runner
	book    *notebook
	took    map[test]time.Duration // with all guards
}

// newLab starts an engine for each worker.
func newLab(dir string, book *notebook) (lab, error) {
	l := lab{book: book, took: map[test]time.Duration{}}
	for n := range workers {
		r, err := newRunner(filepath.Join(dir, fmt.Sprint("runner", n)))
		if err != nil {
			return l, errors.Join(err, l.close())
		}
		l.runners = append(l.runners, r)
	}
	return l, nil
}

func (l lab) close() error {
	var errs []error
	for _, r := range l.runners {
		errs = append(errs, r.engine.Stop())
	}
	return errors.Join(errs...)
}

// each calls f for all items, on all runners.
func each[T any](l lab, items []T, f func(*runner, T) error) error {
	queue := make(chan T)
	errs := make([]error, len(l.runners))
	var wg sync.WaitGroup
	for n, r := range l.runners {
		wg.Go(func() {
			for item := range queue {
				if errs[n] == nil {
					errs[n] = f(r, item)
				}
			}
		})
	}
	for _, item := range items {
		queue <- item
	}
	close(queue)
	wg.Wait()
	return errors.Join(errs...)
}

// known is what the first run tells of a guard.
type known struct {
	guard  watch.Guard
	at     string
	seenBy []test // that can notice when it is gone, quickest first
}

// wireTests send what the store sent again, without the store. They notice when a guard is
// gone that the store itself is never refused by.
var wireTests = map[string]bool{"TestInserts_overwriteNothing": true}

// sighting is what the first run of a test tells.
type sighting struct {
	Took  time.Duration
	Notes []note
}

// record runs every test once, unless it is noted, and tells what each guard met.
func (l lab) record(tests []test) (guards []*known, failed []string, err error) {
	var mu sync.Mutex
	by := map[watch.Guard]*known{}
	err = each(l, tests, func(r *runner, t test) error {
		seen, why, err := l.sight(r, t)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if why != "" { // it would hide whoever comes behind it
			failed = append(failed, why)
			return nil
		}
		l.took[t] = seen.Took
		for _, n := range seen.Notes {
			k := by[n.Guard]
			if k == nil {
				k = &known{guard: n.Guard, at: n.At}
				by[n.Guard] = k
				guards = append(guards, k)
			}
			if canNotice := n.What == watch.Refused || wireTests[t.name]; canNotice && !slices.Contains(k.seenBy, t) {
				k.seenBy = append(k.seenBy, t)
			}
		}
		return nil
	})
	for _, k := range guards {
		slices.SortFunc(k.seenBy, func(a, b test) int { return cmp.Compare(l.took[a], l.took[b]) })
	}
	slices.SortFunc(guards, func(a, b *known) int { return strings.Compare(a.guard.String(), b.guard.String()) })
	return guards, failed, err
}

// sight runs a test with all guards, unless it is noted what it sees. One that fails is not
// noted, and why it does is returned.
func (l lab) sight(r *runner, t test) (seen sighting, failed string, err error) {
	about := "test " + filepath.Base(t.suite.dir) + "." + t.name
	if noted, err := recall[sighting](l.book, about); noted != nil || err != nil {
		return *noted, "", err
	}
	o, err := r.run([]test{t}, "", firstLimit)
	if err != nil {
		return seen, "", err
	}
	seen = sighting{o.took, o.notes}
	if o.failed != "" {
		return seen, t.name + "\n" + o.output, nil
	}
	return seen, "", l.book.keep(about, seen)
}

// verdict is what removing a guard came to.
type verdict struct {
	*known
	missedBy string // a test; "" if by none
	botched  string // why the trial proves nothing
}

// settle removes a guard and runs the tests that can notice, unless it is noted what came
// of it. What is to be mended is not noted: the next run tries it again.
func (l lab) settle(r *runner, k *known, keep kept) (verdict, error) {
	about := "guard " + k.guard.String()
	if noted, err := recall[string](l.book, about); noted != nil || err != nil {
		return verdict{known: k, missedBy: *noted}, err
	}
	v, err := l.try(r, k)
	if fate, _ := v.fate(keep); err == nil && (fate == missed || fate == excused) {
		err = l.book.keep(about, v.missedBy)
	}
	return v, err
}

// try removes a guard and runs the tests that can notice.
func (l lab) try(r *runner, k *known) (verdict, error) {
	v := verdict{known: k}
	for _, some := range batches(k.seenBy) {
		o, err := r.run(some, k.guard.String(), l.limit(some))
		if err != nil {
			return v, err
		}
		for _, n := range o.notes {
			if n.What == watch.Botched {
				v.botched = n.Guard.Conjunct
				return v, nil
			}
		}
		switch {
		case o.failed == unfinished:
			v.botched = o.output
			return v, nil
		case o.failed != "":
			if sure, err := l.again(r, some, o.failed, k); err != nil || sure {
				v.missedBy = o.failed
				return v, err
			}
		}
	}
	return v, nil
}

// limit is how long tests may take without a guard.
func (l lab) limit(tests []test) time.Duration {
	var took time.Duration
	for _, t := range tests {
		took += l.took[t]
	}
	return max(shortest, timesAsLong*took)
}

// confirmations are how often a test that failed is looked at again. Tests of races find
// what they look for now and then; others fail because the machine has no time for them.
const confirmations = 3

// again reports whether a test that failed without a guard fails without it again, and
// passes with it.
func (l lab) again(r *runner, some []test, name string, k *known) (bool, error) {
	at := slices.IndexFunc(some, func(t test) bool { return t.name == name })
	if at < 0 { // it never ended
		return true, nil
	}
	alone := some[at : at+1]
	for range confirmations {
		without, err := r.run(alone, k.guard.String(), l.limit(alone))
		if err != nil {
			return false, err
		}
		if without.failed != name {
			continue
		}
		with, err := r.run(alone, "", l.limit(alone))
		if err != nil || with.failed == "" {
			return err == nil, err
		}
	}
	return false, nil
}

// batches are tests to run in one process each: of one suite, few at first.
func batches(tests []test) (all [][]test) {
	for size := 2; len(tests) > 0; size *= 4 {
		n := 1
		for n < len(tests) && n < size && tests[n].suite == tests[0].suite {
			n++
		}
		all, tests = append(all, tests[:n]), tests[n:]
	}
	return all
}
