package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// Every operation is cut at every one of its calls to DynamoDB and SES, in every way. Then
// it is tried again, as its caller or its schedule would. In the end all is as if nothing
// had failed: every rule holds, what was acknowledged is there, nothing is there twice, and
// every mail went out at least once, its link good.
func TestCut_everyBoundary(t *testing.T) {
	for _, op := range slices.Concat(operations, schedules) {
		t.Run(strings.TrimSpace(op.call+" "+op.name), func(t *testing.T) {
			t.Parallel()
			listed, success, want := op.undisturbed(newWorld(t))
			for _, way := range ways {
				if way.short || prove.Long() {
					op.cutEach(t, way, listed, success, want)
				}
			}
		})
	}
}

// cutEach cuts the operation at each boundary in one way, in a world of its own, whose table
// is made anew when it takes long to compare.
func (op operation) cutEach(t *testing.T, way way, listed []boundary, success int, want outcome) {
	w, n := newWorld(t), 0
	for _, at := range listed {
		if way.fits(at) {
			n++
			if len(w.Rows()) > large {
				w.CheckInvariants()
				w.FreshTable(apitest.Indexes()...)
			}
			t.Run(fmt.Sprint(at, " ", way.name), func(t *testing.T) {
				op.cutAt(w.in(t), &cut{at: at, way: way}, success, want)
			})
		}
	}
	if n > 0 { // what only reads is not cut behind its calls
		w.CheckInvariants()
		prove.Count(t, n, "call boundaries cut")
	}
}

// in is the world as a subtest sees it.
func (w *world) in(t testing.TB) *world {
	within := *w
	within.World = w.In(t)
	return &within
}

// Deadlines of one try. Requests have their own of 20 s in the program; what waits for an
// answer that does not come would take all of it.
const (
	deadline = 20 * time.Second
	patience = 400 * time.Millisecond // with what does not answer
	reserve  = 5 * time.Second        // that a sweep keeps to end in order
	busy     = 15 * time.Second       // that a busy machine takes to see that time is over
)

// undisturbed does the operation without a fault, and tells which calls it makes, what it
// answers and what comes of it.
func (op operation) undisturbed(w *world) ([]boundary, int, outcome) {
	w.Helper()
	do := op.prepare(w)
	before := w.moment()
	list := &cut{}
	mend := w.cut(list.hook)
	r := do(w.Context())
	mend()
	if r.Status >= 400 {
		w.Fatalf("%s answers %d without any fault: %s", op.call, r.Status, r.Body)
	}
	op.finish(w)
	if !slices.ContainsFunc(list.boundaries(), func(b boundary) bool { return !b.reads() }) && op.call != "reconcile" {
		w.Fatalf("%s changes nothing: %v", op.call, list.boundaries())
	}
	return list.boundaries(), r.Status, w.since(before)
}

// cutAt does the operation with the fault, and again without.
func (op operation) cutAt(w *world, c *cut, success int, want outcome) {
	var do try
	var before moment
	var r *apitest.Reply
	for limit := c.way.limit(op); ; limit *= 2 { // on a busy machine all time may be over before the call
		w.Restart() // what it remembers of operations before would save it calls
		do, before = op.prepare(w), w.moment()
		if r = w.disturbed(do, c, limit); c.hasStruck() {
			break
		}
		if limit > deadline {
			w.Fatalf("it did not come to %s", c.at)
		}
		op.finish(w)
		c = &cut{at: c.at, way: c.way}
	}
	if c.way.dead {
		w.Restart()
	}
	if !c.way.dead && r.Status < 500 {
		wantStatus(w, r, success)
	} else {
		wantStatus(w, w.repeated(do), success, op.done...)
	}
	op.finish(w)
	op.compare(w, before, want)
	w.checkLinks(w.CheckTable())
	if op.then != nil {
		op.then(w)
	}
}

// large is how many items take longer to compare than to check whole.
const large = 1000

// limit is the time for one try. It is short where there will be no answer.
func (y way) limit(op operation) time.Duration {
	switch {
	case !y.hang:
		return deadline
	case op.call == "sweep":
		return patience + reserve
	default:
		return patience
	}
}

// disturbed does the operation once, with a fault. The dead give no answer.
func (w *world) disturbed(do try, c *cut, limit time.Duration) *apitest.Reply {
	w.Helper()
	ctx, die := context.WithTimeout(w.Context(), limit)
	defer die()
	c.die = die
	defer w.cut(c.hook)()
	began := time.Now()
	r := do(ctx)
	if took := time.Since(began); took > limit+busy {
		w.Errorf("it took %v, with a deadline of %v", took, limit)
	}
	if r.Status >= 500 && r.Status != http.StatusServiceUnavailable && !c.way.dead {
		w.Errorf("got %d: %s", r.Status, r.Body)
	}
	return r
}

// compare holds what came of the operation against what comes of one without a fault.
func (op operation) compare(w *world, before moment, want outcome) {
	w.Helper()
	got := w.since(before)
	if op.again { // each repetition makes another thing
		got.changes, want.changes = nil, nil
	}
	got.want(w, want)
}

// repeated tries until there is an answer.
func (w *world) repeated(do try) (r *apitest.Reply) {
	for range 3 {
		if r = do(w.Context()); r.Status < 500 {
			break
		}
	}
	return r
}

func wantStatus(w *world, r *apitest.Reply, success int, done ...string) {
	w.Helper()
	if r.Status != success && !slices.Contains(done, fmt.Sprint(r.Status, " ", r.Code())) {
		w.Errorf("got %d, want %d or %q: %s", r.Status, success, done, r.Body)
	}
}

// finish is what happens by itself afterwards: time goes by, and sweeps run. One may not be
// enough: on a busy machine, a call that was given up may arrive late and take from a sweep
// what it is about to do.
func (op operation) finish(w *world) {
	w.Helper()
	if op.later != nil {
		op.later(w)
	}
	w.Clock.Advance(10 * time.Minute)
	for range 2 {
		if report := w.Sweep(); report.Failed > 0 || !report.Done {
			w.Fatalf("a sweep without faults: %+v", report)
		}
	}
}

// refuseMail lets everything through but mail.
func refuseMail(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if c.Operation == "" {
		return nil, apitest.ErrWire
	}
	return send()
}
