package bench_test

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// clients is how many act at the same time when an operation is timed under load.
const clients = 16

// BenchmarkOperation is the table's source: every operation with what it costs on any
// machine, then with times. One run says it all, for it takes medians itself:
//
//	go test ./internal/bench -run '^$' -bench Operation -benchtime 1x
func BenchmarkOperation(b *testing.B) {
	for _, op := range operations() {
		b.Run(op.name, func(b *testing.B) {
			s := newStage(b, op)
			for b.Loop() {
				op.report(b, s)
			}
			b.ReportMetric(0, "ns/op") // with what prepares it, and so of no interest
		})
	}
}

func (op operation) report(b *testing.B, s *stage) {
	c, err := costOf(s, op.prepare(s), pause)
	if err != nil {
		b.Fatal(err)
	}
	o, err := oursOf(s, op.prepare(s), op.times(200, 5))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(c.trips, "trips")
	b.ReportMetric(c.rcu, "RCU")
	b.ReportMetric(c.wcu, "WCU")
	b.ReportMetric(float64(c.calls), "calls")
	b.ReportMetric(c.actions, "actions")
	b.ReportMetric(c.bytes, "answer-B")
	b.ReportMetric(float64(o.mails), "mails")
	b.ReportMetric(o.allocs, "allocs")
	b.ReportMetric(milliseconds(o.cpu), "cpu-ms")
	b.ReportMetric(milliseconds(o.took), "ours-ms")
	alone := op.timed(b, s, 1, op.times(15, 3))
	b.ReportMetric(quantile(alone, 50), "ms-median-1")
	b.ReportMetric(quantile(alone, 90), "ms-p90-1")
	if op.large || op.alone { // 16 times a thousand keep DynamoDB Local busy for longer than we wait; a clock starts but one
		return
	}
	together := op.timed(b, s, clients, 3)
	b.ReportMetric(quantile(together, 50), "ms-median-16")
	b.ReportMetric(quantile(together, 90), "ms-p90-16")
}

// reportGrowth is report without what does not depend on an org's size.
func (op operation) reportGrowth(b *testing.B, s *stage) {
	c, err := costOf(s, op.prepare(s), pause)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(c.trips, "trips")
	b.ReportMetric(c.rcu, "RCU")
	b.ReportMetric(c.wcu, "WCU")
	b.ReportMetric(c.bytes, "answer-B")
	took := op.timed(b, s, 1, 9)
	b.ReportMetric(quantile(took, 50), "ms-median-1")
	b.ReportMetric(quantile(took, 90), "ms-p90-1")
}

// times is how often an operation is done: few that are large are enough.
func (op operation) times(small, large int) int {
	if op.large {
		return large
	}
	return small
}

// timed lets n clients do the operation, each a number of times, and returns how long each
// action took. What they need is prepared before.
func (op operation) timed(b *testing.B, s *stage, n, each int) []time.Duration {
	b.Helper()
	actions := make([]action, n*each)
	for i := range actions {
		if i > 0 && op.reads {
			actions[i] = actions[0]
		} else {
			actions[i] = op.prepare(s)
		}
	}
	p, took, errs := programOf(s.World), make([]time.Duration, len(actions)), make([]error, len(actions))
	var wg sync.WaitGroup
	for client := range n {
		wg.Go(func() {
			for i := client * each; i < (client+1)*each; i++ {
				began := time.Now()
				_, errs[i] = actions[i](p)
				took[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	return took
}

// quantile is what so many percent of the times do not exceed, in milliseconds.
func quantile(times []time.Duration, percent int) float64 {
	sorted := slices.Sorted(slices.Values(times))
	return milliseconds(sorted[(len(sorted)-1)*percent/100])
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
