package pages

import (
	"cmp"
	"sync"
)

// together does several things at the same time, which so take one round trip where each
// takes one, and returns the first one's fault, or the next's that has any.
func together(do ...func() error) error {
	faults := make([]error, len(do))
	var wg sync.WaitGroup
	for i, one := range do {
		wg.Go(func() { faults[i] = one() })
	}
	wg.Wait()
	return cmp.Or(faults...)
}
