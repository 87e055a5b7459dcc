package apitest_test

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// spendCost is what calls to the engine came to.
type spendCost struct {
	trips, transactions int
	read, write         float64
}

func spendCostOf(w *apitest.World, f func()) (c spendCost) {
	var s scales
	mend := w.Wire.Break(s.hook)
	calls := w.Wire.Record(f)
	mend()
	c.write = float64(s.units(w))
	c.trips = len(calls) - s.failed
	for _, call := range calls {
		c.read += call.ReadUnits
		if call.Operation == "TransactWriteItems" {
			c.transactions++
		}
	}
	return c
}

// thousand is a full batch of n keys' events, mixed.
func (b biller) thousand(name string, payers []payer) (batch []apitest.Map) {
	for i := range 1000 {
		batch = append(batch, b.event(payers[i%len(payers)], fmt.Sprint(name, i), apitest.Map{"model": fmt.Sprintf("gpt-4o-mini-%d", i%5)}))
	}
	return batch
}

// What a batch of 1,000 events costs, the first time and when it is sent again.
func TestSpend_cost(t *testing.T) {
	for _, c := range []struct {
		keys int
		wcu  float64 // per event
	}{{1, 2.3}, {20, 2.6}} {
		w := apitest.New(t)
		owner, gw := w.SignUp("Acme"), billerOf(w)
		var payers []payer
		for range c.keys {
			payers = append(payers, pay(owner))
		}
		gw.report(gw.thousand("warm", payers)...).want(t, 1000, 0, 0, 0)
		batch := gw.thousand("x", payers)
		got := spendCostOf(w, func() { gw.report(batch...).want(t, 1000, 0, 0, 0) })
		t.Logf("%d keys: %.3f WCU an event, %.0f RCU, %d round trips", c.keys, got.write/1000, got.read, got.trips)
		if got.write/1000 > c.wcu || got.trips > 12 {
			t.Errorf("%d keys: %+v", c.keys, got)
		}
	}
}

// A month of 1,000 keys and 10 models is read for less than 500 units, whatever is asked;
// of fewer keys, for less in proportion.
func TestSpend_reportCost(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	n := 100 // keys; the whole of it takes a minute
	if os.Getenv("NEMO_SPEND_EVENTS") != "" {
		n = 1000
	}
	var payers []payer
	for p := owner; len(payers) < n; p = owner.Hire("member") {
		for range keys.MaxLive {
			payers = append(payers, pay(p))
		}
	}
	for m := range 10 {
		var batch []apitest.Map
		for i, p := range payers[:n] {
			batch = append(batch, gw.event(p, fmt.Sprint(m, "-", i), apitest.Map{"model": fmt.Sprintf("provider/model-%d", m)}))
		}
		gw.report(batch...).want(t, n, 0, 0, 0)
	}
	for _, group := range []string{"key", "member", "team", "model", "day", "month", "key,model", "key,day", "model,day"} {
		got := spendCostOf(w, func() { owner.Do("GET", "/v1/spend?group_by="+group, nil).Want(200) })
		t.Logf("by %s: %.0f RCU, %d round trips", group, got.read, got.trips)
		if got.read > float64(n)/2 {
			t.Errorf("by %s: %+v", group, got)
		}
	}
}

// A report that no function can answer with, of few rows with long names that JSON makes
// longer, is refused in words, and the same by less is not.
func TestSpend_reportOfManyBytes(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	k := pay(owner)
	var batch []apitest.Map
	for i := range 250 {
		batch = append(batch, gw.event(k, w.NoID(), apitest.Map{"model": fmt.Sprintf("%03d%s", i, strings.Repeat(`"`, 250))}))
	}
	gw.report(batch...).want(t, len(batch), 0, 0, 0)
	sums, err := w.DB.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &w.Table, KeyConditionExpression: aws.String("pk = :sums AND begins_with(sk, :key)"),
		ExpressionAttributeValues: apitest.Item{
			":sums": &types.AttributeValueMemberS{Value: "SPEND#" + owner.OrgID + "#" + w.Clock.Now().Format("2006-01")},
			":key":  &types.AttributeValueMemberS{Value: "KEY#" + k.id},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Fill(func(add func(apitest.Item)) { // as of 25 more keys
		for range 25 {
			id := w.NoID()
			for _, sum := range sums.Items {
				add(apitest.Copied(sum, k.id, id))
			}
		}
	})
	for _, accept := range []string{"application/json", "text/csv"} {
		owner.Do("GET", "/v1/spend?group_by=key,model", nil, "Accept", accept).WantProblem(422, "report_too_large")
		owner.Do("GET", "/v1/spend?group_by=key", nil, "Accept", accept).Want(200)
	}
}

// BenchmarkSpend reports what ingesting costs: units and round trips for each event, and
// which share of the time is our own. One run says it all, for it takes ten batches itself.
func BenchmarkSpend(b *testing.B) {
	const reported = 10
	for _, n := range []int{1, 20} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			w := apitest.New(b)
			owner, gw := w.SignUp("Acme"), billerOf(w)
			var payers []payer
			for range n {
				payers = append(payers, pay(owner))
			}
			gw.report(gw.thousand("warm", payers)...)
			var batches [][]apitest.Map
			for i := range reported {
				batches = append(batches, gw.thousand(fmt.Sprint(i, "-"), payers))
			}
			b.ResetTimer()
			start, before := time.Now(), cpuTime(b)
			var took, used time.Duration
			got := spendCostOf(w, func() {
				for _, batch := range batches {
					gw.report(batch...)
				}
				took, used = time.Since(start), cpuTime(b)-before
			})
			events := float64(1000 * reported)
			b.ReportMetric(events/took.Seconds(), "events/s")
			b.ReportMetric(100*used.Seconds()/took.Seconds(), "%own-cpu")
			b.ReportMetric(got.write/events, "WCU/event")
			b.ReportMetric(float64(got.trips)/reported, "trips/batch")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpuTime is what this process has used.
func cpuTime(b testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
