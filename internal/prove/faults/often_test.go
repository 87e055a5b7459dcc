package faults_test

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// often are faults that strike three tries in ten, for as long as the operation takes.
var often = []struct {
	name string
	hook apitest.Hook
}{
	{"all of them", nil}, // of the others, each time another
	{"conflicts", conflict},
	{"still in progress", inTransaction(apitest.InProgress)},
	{"throttled", apitest.Says("ProvisionedThroughputExceededException")},
	{"answers lost", apitest.Lose},
}

// On a bad day each operation either succeeds or says that it could not, and in the end,
// asked again, has done once what it does on a good one.
func TestOften_theOutcomeIsTheSame(t *testing.T) {
	var tries, struck atomic.Int64
	t.Run("each", func(t *testing.T) {
		for _, op := range slices.Concat(operations, schedules) {
			t.Run(strings.TrimSpace(op.call+" "+op.name), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				_, success, want := op.undisturbed(w)
				for _, fault := range often[:prove.Times(1, len(often))] {
					t.Run(fault.name, func(t *testing.T) {
						op.getsThrough(w.in(t), success, want, func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
							tries.Add(1)
							if rand.IntN(10) > 2 {
								return send()
							}
							struck.Add(1)
							hook := fault.hook
							if hook == nil {
								hook = often[1+rand.IntN(len(often)-1)].hook
							}
							return hook(c, r, send)
						})
						prove.Count(t, 1, "operations on bad days")
					})
				}
				w.CheckInvariants()
			})
		}
	})
	if n := tries.Load(); struck.Load() < n/5 || n == 0 {
		t.Errorf("of %d tries %d were struck", n, struck.Load())
	}
}

// getsThrough does the operation under the fault, and again without if it says that it could
// not.
func (op operation) getsThrough(w *world, success int, want outcome, fault apitest.Hook) {
	w.Helper()
	do := op.prepare(w)
	before := w.moment()
	mend := w.cut(dynamoOnly(fault))
	r := do(w.Context())
	mend()
	switch {
	case r.Status < 500:
		wantStatus(w, r, success, op.done...) // its own first try may have done it
	case r.Status == http.StatusServiceUnavailable:
		wantStatus(w, w.repeated(do), success, op.done...)
	default:
		w.Errorf("got %d: %s", r.Status, r.Body)
	}
	op.finish(w)
	op.compare(w, before, want)
	w.checkLinks(w.CheckTable())
}
