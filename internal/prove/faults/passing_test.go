package faults_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// passing are faults that are over when they are met again.
var passing = []struct {
	name string
	hook apitest.Hook
}{
	{"throttled by the table", apitest.Says("ProvisionedThroughputExceededException")},
	{"throttled by the control plane", apitest.Says("ThrottlingException")},
	{"throttled by the account", apitest.Says("RequestLimitExceeded")},
	{"met a transaction", conflict},
	{"still in progress", inTransaction(apitest.Says("TransactionInProgressException"))},
	{"slow", slow},
	{"answer lost", apitest.Lose},
	{"answer cut off", apitest.CutOff},
}

// inTransaction limits a fault to transactions: nothing else can meet it.
func inTransaction(h apitest.Hook) apitest.Hook { return apitest.On("TransactWriteItems", h) }

// conflict is another transaction on the same items.
func conflict(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	switch c.Operation {
	case "TransactWriteItems":
		return apitest.Conflict(r, c.Actions), nil
	case "UpdateItem":
		return apitest.Says("TransactionConflictException")(c, r, send)
	}
	return send()
}

func slow(_ apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	time.Sleep(50 * time.Millisecond)
	return send()
}

// A fault that passes is nobody's business: the operation succeeds at once, with the same
// outcome. Each call of each operation meets a fault with its first try: in the short form
// another one each time, in the long form each of them.
func TestPassing_isNobodysBusiness(t *testing.T) {
	for _, op := range slices.Concat(operations, schedules) {
		t.Run(strings.TrimSpace(op.call+" "+op.name), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, success, want := op.undisturbed(w)
			var mixed atomic.Int64
			op.overcomes(w, success, want, func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				return passing[mixed.Add(1)%int64(len(passing))].hook(c, r, send)
			})
			for _, fault := range passing[:prove.Times(0, len(passing))] {
				t.Run(fault.name, func(t *testing.T) { op.overcomes(w.in(t), success, want, fault.hook) })
			}
			w.CheckInvariants()
			prove.Count(t, 1+prove.Times(0, len(passing)), "operations under faults that pass")
		})
	}
}

// overcomes does the operation while each call meets the fault with its first try.
func (op operation) overcomes(w *world, success int, want outcome, fault apitest.Hook) {
	w.Helper()
	do := op.prepare(w)
	before := w.moment()
	mend := w.cut(dynamoOnly(first(fault)))
	wantStatus(w, do(w.Context()), success)
	mend()
	op.finish(w)
	if got := w.since(before); !op.again {
		got.want(w, want)
	}
	w.checkLinks(w.CheckTable())
}

// first lets a fault strike the first try of each call. A transaction that meets another is
// tried again as a call of its own: those are let through.
func first(h apitest.Hook) apitest.Hook {
	var conflicts atomic.Int64
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if !strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;") {
			return send()
		}
		if writes := c.Operation == "TransactWriteItems" || c.Operation == "UpdateItem"; writes && conflicts.Add(1)%2 == 0 {
			return send()
		}
		return h(c, r, send)
	}
}

// dynamoOnly lets mail through: the faults are in DynamoDB's words.
func dynamoOnly(h apitest.Hook) apitest.Hook {
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "" {
			return send()
		}
		return h(c, r, send)
	}
}
