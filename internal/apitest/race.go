package apitest

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// Race makes all calls at the same moment and returns their answers in order.
func Race(calls ...func() *Reply) []*Reply {
	replies := make([]*Reply, len(calls))
	var ready, wg sync.WaitGroup
	start := make(chan struct{})
	ready.Add(len(calls))
	for i, call := range calls {
		wg.Go(func() {
			ready.Done()
			<-start
			replies[i] = call()
		})
	}
	ready.Wait()
	close(start)
	wg.Wait()
	return replies
}

// Times returns n times the same call.
func Times(n int, call func() *Reply) []func() *Reply {
	calls := make([]func() *Reply, n)
	for i := range calls {
		calls[i] = call
	}
	return calls
}

// Tally counts answers by status and code: "200", "409 invitation_accepted".
func Tally(replies []*Reply) map[string]int {
	tally := map[string]int{}
	for _, r := range replies {
		label := fmt.Sprint(r.Status)
		if code := r.Code(); code != "" {
			label += " " + code
		}
		tally[label]++
	}
	return tally
}

var sources atomic.Int64

// freshSource is an address that nobody has sent from before.
func freshSource() string {
	n := sources.Add(1)
	return fmt.Sprintf("10.%d.%d.%d:1", n>>16&255, n>>8&255, n&255)
}
