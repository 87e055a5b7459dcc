package guards

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/nemorouter/nemo-team/internal/prove"
)

// packages are those whose tests drive the store.
var packages = []string{"internal/store", "internal/apitest", "internal/pages"}

// The store states conditions only with the words that are watched, and what testdata
// says of guards is about functions that there are.
func TestGuards_areWatched(t *testing.T) {
	root, err := filepath.Abs("../../..")
	must(t, err)
	store := filepath.Join(root, "internal", "store")
	places, err := catalogue(store)
	must(t, err)
	if len(places) == 0 {
		t.Error("the store states no conditions")
	}
	silent, err := unworded(store)
	must(t, err)
	for _, p := range silent {
		t.Errorf("%s (%s) adds to a condition without the words that are watched", p.by, p.at)
	}
	_, err = overlay(root, t.TempDir())
	must(t, err)
	functions, err := functionsOf(store)
	must(t, err)
	keep, err := readKept("testdata/kept.txt")
	must(t, err)
	for _, k := range keep {
		for _, name := range []string{k.parts[0], k.parts[2]} {
			if name != "*" && !functions[name] {
				t.Errorf("testdata/kept.txt tells of %s, which is gone", name)
			}
		}
	}
}

// Every condition of every step of the store's transactions is missed by some test, or
// testdata/kept.txt says why it stays.
func TestGuards_areMissed(t *testing.T) {
	if !prove.Long() {
		return // it runs the whole suite again and again: make mutants
	}
	root, err := filepath.Abs("../../..")
	must(t, err)
	keep, err := readKept("testdata/kept.txt")
	must(t, err)
	book, err := openNotebook(root, filepath.Join(root, ".dev"))
	must(t, err)
	dir := t.TempDir()
	l, err := newLab(dir, book)
	must(t, err)
	defer l.close()
	guards := l.survey(t, root, dir)
	var mu sync.Mutex
	count := map[fate]int{}
	must(t, each(l, guards, func(r *runner, k *known) error {
		v, err := l.settle(r, k, keep)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		fate, why := v.fate(keep)
		count[fate]++
		switch {
		case fate == unmissed || fate == botched:
			t.Errorf("%s (%s): %s: %s", k.guard, k.at, fate, why)
		case fate == missed && keep.why(v) != "":
			t.Errorf("%s: %s: %s: it has no place in testdata/kept.txt", k.guard, fate, why)
		default:
			t.Logf("%s: %s: %s", k.guard, fate, why)
		}
		return nil
	}))
	if !t.Failed() {
		must(t, book.throwAway())
	}
	prove.Count(t, len(guards), "guards removed")
	prove.Count(t, count[missed], "guards missed by a test")
	prove.Count(t, count[excused], "guards that no test can miss, for a reason that is given")
}

// survey compiles and runs the suite once, with all guards.
func (l lab) survey(t *testing.T, root, dir string) []*known {
	t.Helper()
	suites, err := compile(root, dir, packages)
	must(t, err)
	var tests []test
	for _, s := range suites {
		some, err := s.names()
		must(t, err)
		tests = append(tests, some...)
	}
	guards, failed, err := l.record(tests)
	must(t, err)
	for _, f := range failed {
		t.Errorf("it fails with all guards, alone: %s", f)
	}
	seen := map[string]bool{}
	for _, k := range guards {
		seen[k.at] = true
	}
	places, err := catalogue(filepath.Join(root, "internal", "store"))
	must(t, err)
	for _, p := range places {
		if !seen[p.at] {
			t.Errorf("no test meets the condition of %s (%s)", p.by, p.at)
		}
	}
	return guards
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
