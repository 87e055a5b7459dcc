package fault

import (
	"cmp"
	"slices"
	"sync"
)

// declared holds what New was given. Packages declare their faults while the program
// starts, which is one goroutine; the lock is for whoever declares one later.
var declared struct {
	sync.Mutex
	all []*Error
}

// declare lists the fault. One without words is a mark between packages: it is never shown,
// so there is nothing to explain.
func declare(e *Error) {
	if e.Detail == "" {
		return
	}
	declared.Lock()
	defer declared.Unlock()
	declared.all = append(declared.all, e)
}

// All returns the declared faults of all packages that the program is linked with, sorted by
// code. A code that was declared in several words is there several times, in the order of
// its declarations.
func All() []*Error {
	declared.Lock()
	defer declared.Unlock()
	all := slices.Clone(declared.all)
	slices.SortStableFunc(all, func(a, b *Error) int { return cmp.Compare(a.Code, b.Code) })
	return all
}
