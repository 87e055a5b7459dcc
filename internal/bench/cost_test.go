package bench_test

import (
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// cost is what one action comes to on any machine.
type cost struct {
	trips    float64 // round trips to the engine, one after the other
	calls    int     // all, those at the same time too
	actions  float64 // in transactions
	rcu, wcu float64 // consumed by the table and its indexes
	bytes    float64 // answered
	mails    float64
	allocs   float64
}

// pause is how long the engine takes at least while trips are counted: so long that calls
// which do not wait for each other are under way at the same time.
const pause = 10 * time.Millisecond

// costOf counts what an action does to the engine, which pauses in each call.
func costOf(s *stage, do action, pause time.Duration) (c cost, err error) {
	mend := s.Wire.Break(func(_ apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		time.Sleep(pause)
		return send()
	})
	defer mend()
	var answered int
	calls := s.Wire.Record(func() { answered, err = do(programOf(s.World)) })
	c.calls, c.trips, c.bytes = len(calls), float64(apitest.LongestChain(calls)), float64(answered)
	for _, call := range calls {
		c.rcu += call.ReadUnits
		c.wcu += call.WriteUnits
		if call.Operation == "TransactWriteItems" {
			c.actions += float64(call.Actions)
		}
	}
	return c, err
}
