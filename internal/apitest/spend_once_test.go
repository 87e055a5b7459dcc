package apitest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/money"
)

// spendWorld is where TestSpend_exactlyOnce sends events, and how many, before duplicates;
// make million asks for more. Those go to a table without indexes: no event and no sum lies in one.
func spendWorld(t *testing.T) (*apitest.World, int) {
	set := os.Getenv("NEMO_SPEND_EVENTS")
	if set == "" {
		return apitest.New(t), 1500
	}
	n, err := strconv.Atoi(set)
	if err != nil {
		t.Fatal(err)
	}
	w := apitest.Alone(t)
	w.FreshTable()
	return w, n
}

// small is an event of the long run, of which a million fit into memory.
type small struct {
	id, payer, model int32
	cost             money.Amount
	ago              time.Duration
}

// Events with 30% duplicates, shuffled, in batches of every awkward size, while a fifth of
// the answers is lost after the commit and transactions meet: the sums are exact.
func TestSpend_exactlyOnce(t *testing.T) {
	w, n := spendWorld(t)
	orgs := []*apitest.Person{w.SignUp("Acme"), w.SignUp("Globex")}
	for i, owner := range orgs {
		orgs[i], _ = owner.WithKey("manage") // a long run outlives a session
	}
	gw := billerOf(w)
	var payers []payer
	for i := range 6 {
		payers = append(payers, pay(orgs[i%2]))
	}
	r := rand.New(rand.NewPCG(1, 2))
	events, sums, ids := make([]small, 0, n*13/10), [2]money.Amount{}, [2]int32{}
	for range n {
		who := r.IntN(len(payers))
		e := small{
			payer: int32(who), model: r.Int32N(12), id: ids[who%2], // the orgs' ids collide
			cost: money.Amount(r.Int64N(1e9)), ago: time.Duration(r.Int64N(int64(20 * 24 * time.Hour))),
		}
		sums[who%2] += e.cost
		ids[who%2]++
		events = append(events, e)
	}
	for i := 0; i < n*3/10; i++ {
		events = append(events, events[r.IntN(n)])
	}
	r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })

	began := w.Clock.Now()
	batchOf := func(some []small) (batch []apitest.Map) {
		for _, e := range some {
			batch = append(batch, gw.event(payers[e.payer], fmt.Sprint("e", e.id), apitest.Map{
				"cost_usd": e.cost, "model": fmt.Sprintf("model-%d", e.model), "at": began.Add(-e.ago),
			}))
		}
		return batch
	}
	defer w.Wire.Break(lossy(0.2))()
	start, used := time.Now(), cpuTime(t)
	counted, sizes := 0, []int{1, 99, 100, 101, 512, 1000}
	for at, round := 0, 0; at < len(events); round++ {
		size := min(sizes[round%len(sizes)], len(events)-at)
		counted += gw.until(batchOf(events[at : at+size])...).Counted
		at += size
		w.Wire.Record(func() {}) // forget the calls
		if round%60 == 59 {
			logRate(t, at, start, used)
		}
	}
	logRate(t, len(events), start, used)
	w.Wire.Break(nil)
	if counted > n {
		t.Errorf("%d events were counted, of %d", counted, n)
	}
	from := "from=" + w.Clock.Now().AddDate(0, -1, 0).Format("2006-01") + "-01"
	requests := 0
	for i, owner := range orgs {
		for _, group := range []string{"key", "member,model", "model,day", "key,day"} {
			r := owner.Do("GET", "/v1/spend?"+from+"&group_by="+group, nil).Want(200)
			if got := r.Get("total.spend_usd"); got != sums[i].String() {
				t.Errorf("%s: $%s, want $%s", group, got, sums[i])
			}
			if group == "key" {
				n, _ := strconv.Atoi(r.Get("total.requests"))
				requests += n
			}
		}
	}
	wantReconciled(t, w, orgs...)
	if requests != n {
		t.Errorf("%d requests, want %d", requests, n)
	}
}

// logRate tells how far the run is, and which share of a processor was our own; the test's
// share is in it.
func logRate(t *testing.T, events int, start time.Time, used time.Duration) {
	took := time.Since(start)
	t.Logf("%d events sent, %.0f a second, %.0f%% of a processor", events, float64(events)/took.Seconds(), 100*(cpuTime(t)-used).Seconds()/took.Seconds())
}

// until sends a batch until it is acknowledged.
func (b biller) until(events ...apitest.Map) (in ingested) {
	b.Helper()
	for try := 0; ; try++ {
		r := b.Do("POST", "/v1/spend/events", events)
		if r.Status == http.StatusServiceUnavailable && try < 20 {
			continue
		}
		r.Want(200).Decode(&in)
		if in.Rejected+in.Conflicts > 0 {
			b.Fatalf("%+v", in)
		}
		return in
	}
}

// lossy loses the answers of a share of all calls, and lets a share of transactions meet.
func lossy(share float64) apitest.Hook {
	conflicts := apitest.Conflicts(share / 2)
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if rand.Float64() < share {
			return apitest.Lose(c, r, send)
		}
		return conflicts(c, r, send)
	}
}

// The program dies at any of its calls, before or after it took effect: sent again, the
// batch counts once.
func TestSpend_crashAnywhere(t *testing.T) {
	for name, fault := range map[string]apitest.Hook{"before": apitest.Refuse, "after": apitest.Lose, "midway": apitest.CutOff} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // the SDK waits long before it gives up
			w := apitest.New(t)
			owner, gw := w.SignUp("Acme"), billerOf(w)
			key := pay(owner)
			sent, at := 0, 1
			for ; ; at++ {
				batch := []apitest.Map{}
				for range 120 { // two transactions
					sent++
					batch = append(batch, gw.event(key, fmt.Sprint(sent)))
				}
				nth := &apitest.Nth{N: at, Fault: fault}
				mend := w.Wire.Break(nth.Hook)
				first := gw.Do("POST", "/v1/spend/events", batch)
				mend()
				if first.Status != 200 {
					first.WantProblem(503, "unavailable")
					in := gw.report(batch...)
					if in.Counted+in.Duplicates != len(batch) {
						t.Fatalf("%+v", in)
					}
				}
				if nth.Calls() < at {
					break
				}
			}
			if at < 4 {
				t.Errorf("only %d calls were broken", at-1)
			}
			total := owner.Do("GET", "/v1/spend", nil).Get("total.requests")
			if total != fmt.Sprint(sent) {
				t.Errorf("%s requests, want %d", total, sent)
			}
		})
	}
}

// The same batch, from many sides at once, counts once; every side hears the truth.
func TestSpend_race(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	var batch []apitest.Map
	for i := range 150 {
		batch = append(batch, gw.event(key, fmt.Sprint(i)))
	}
	counted := 0
	for _, r := range apitest.Race(apitest.Times(6, func() *apitest.Reply { return gw.Do("POST", "/v1/spend/events", batch) })...) {
		var in ingested
		r.Want(200).Decode(&in)
		counted += in.Counted
		if in.Counted+in.Duplicates != len(batch) {
			t.Errorf("%s", in.tally())
		}
	}
	if counted != len(batch) {
		t.Errorf("%d were counted, of %d", counted, len(batch))
	}
	wantSpent(t, owner, "", "$0.15 in 150, 15000+1500 tokens")
}
