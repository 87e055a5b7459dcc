package faults_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// gatewayLimit is when API Gateway gives up, and its caller hears nothing of ours.
const gatewayLimit = 30 * time.Second

// late is a request that waits for what never answers.
type late struct {
	*world
	op     operation
	do     try
	before moment
	held   atomic.Bool // it came to something that never answered
	reply  *apitest.Reply
	took   time.Duration
}

// Callers set no deadline: it is the program that ends each request which changes something
// while nothing that changes anything is answered. It says that it could not, in time; nothing
// is half done; and the same request gets through afterwards. All wait at the same time.
func TestDeadline_endsEveryRequest(t *testing.T) {
	t.Parallel()
	var all []*late
	for i, op := range operations {
		if i%prove.Times(8, 1) == 0 {
			w := newWorld(t)
			l := &late{world: w, op: op, do: op.prepare(w)}
			l.before = w.moment()
			all = append(all, l)
		}
	}
	var wg sync.WaitGroup
	for _, l := range all {
		wg.Go(l.wait)
	}
	wg.Wait()
	for _, l := range all {
		t.Run(strings.TrimSpace(l.op.call+" "+l.op.name), func(t *testing.T) { l.check(l.in(t)) })
	}
	prove.Count(t, len(all), "requests that were ended in time")
}

func (l *late) wait() {
	defer l.cut(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if reads := (boundary{call: c.Operation}).reads(); reads {
			return send()
		}
		l.held.Store(true)
		<-r.Context().Done()
		return nil, r.Context().Err()
	})()
	began := time.Now()
	l.reply = l.do(l.Context())
	l.took = time.Since(began)
}

func (l *late) check(w *world) {
	r := l.reply
	if !l.held.Load() || l.took > gatewayLimit {
		w.Errorf("it took %v, and came to a change: %v", l.took, l.held.Load())
	}
	if r.Status != http.StatusServiceUnavailable || r.Code() != "unavailable" {
		w.Errorf("got %d: %s", r.Status, r.Body)
	}
	w.since(l.before).want(w, outcome{})
	if again := l.do(w.Context()); !slices.Contains([]int{200, 201, 202, 204}, again.Status) {
		w.Errorf("afterwards it answers %d: %s", again.Status, again.Body)
	}
	w.CheckInvariants()
}
