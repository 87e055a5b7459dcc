package apitest_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// inviteMany invites n people in bulk and returns how many invitations the org then has.
func inviteMany(p *apitest.Person, n int) {
	p.Helper()
	for ; n > 0; n -= 100 {
		p.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows(min(n, 100))}).Want(200)
	}
}

// wantExpired fails the test unless all n invitations of the org expired, with one entry each.
func wantExpired(t *testing.T, o *apitest.OrgBooks, n int) {
	t.Helper()
	for id, i := range o.Invitations {
		if i.Text("status") != "expired" {
			t.Errorf("invitation %s is %s", id, i.Text("status"))
		}
	}
	if len(o.Invitations) != n {
		t.Errorf("there are %d invitations, want %d", len(o.Invitations), n)
	}
	wantEntries(t, o, n, "invitation.expired")
}

// What is due expires, each with its entry; what is not stays.
func TestSweep_expires(t *testing.T) {
	w := apitest.Alone(t)
	ada, eve := w.SignUp("Acme"), w.SignUp("Evil")
	inviteMany(ada, 60)
	w.Clock.Advance(time.Hour)
	eve.Invite(apitest.Address("late"), "member")
	w.Clock.Advance(invites.Lifetime - time.Hour)
	if report := w.Sweep(); report.Expired != 60 || !report.Done || report.Failed != 0 {
		t.Errorf("got %+v", report)
	}
	if report := w.Sweep(); report.Expired != 0 {
		t.Errorf("the second sweep did it again: %+v", report)
	}
	books := w.CheckInvariants()
	wantExpired(t, books.Orgs[ada.OrgID], 60)
	wantEntries(t, books.Orgs[eve.OrgID], 0, "invitation.expired")
}

// Time alone decides, at T and not a second before; no sweep needs to have run.
func TestSweep_offAtExpiry(t *testing.T) {
	const second = time.Second
	still := &stillClock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	w := apitest.Alone(t, func(s *wiring.Settings) { s.Now = still.Now })
	ada := w.SignUp("Acme")
	for _, c := range []struct {
		at                      time.Duration
		accept, decline, revoke string
		pending                 int
	}{
		{-second, "200", "204", "204", 1},
		{0, "410 invitation_expired", "410 invitation_expired", "410 invitation_expired", 0},
		{+second, "410 invitation_expired", "410 invitation_expired", "410 invitation_expired", 0},
	} {
		t.Run(fmt.Sprint(c.at), func(t *testing.T) {
			for what, want := range map[string]string{"accept": c.accept, "decline": c.decline, "revoke": c.revoke} {
				email := apitest.Address("bob")
				id := ada.Invite(email, "member")
				still.advance(invites.Lifetime + c.at)
				again := ada.SignIn() // sessions live longer, links do not: this one is fresh
				listed := again.Do("GET", "/v1/invitations?status=pending", nil).Want(200)
				if got := len(listed.Rows()); got != c.pending {
					t.Errorf("%d are listed as pending, want %d", got, c.pending)
				}
				do := map[string]call{"accept": accept(w, email), "decline": decline(w, email), "revoke": as(again, "DELETE", "/v1/invitations/"+id, nil)}
				wantOnly(t, []*apitest.Reply{do[what]()}, want)
				*ada = *again
			}
		})
	}
	w.CheckInvariants()
}

// stillClock stands still until it is moved.
type stillClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *stillClock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *stillClock) advance(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// Sweeps at the same time share the work and do nothing twice, conflicts and all.
func TestSweep_atOnce(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	inviteMany(ada, 200)
	w.Clock.Advance(invites.Lifetime)
	defer w.Wire.Break(apitest.Conflicts(0.3))()
	var wg sync.WaitGroup
	reports := make([]sweep.Report, 3)
	for i := range reports {
		wg.Go(func() { reports[i] = w.Sweep() })
	}
	wg.Wait()
	expired := 0
	for _, r := range reports {
		expired += r.Expired
	}
	if expired != 200 {
		t.Errorf("they say that they expired %d: %+v", expired, reports)
	}
	wantExpired(t, w.CheckInvariants().Orgs[ada.OrgID], 200)
}

// A sweep that dies anywhere leaves nothing half done, and the next one does the rest.
func TestSweep_crash(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	inviteMany(ada, 200)
	w.Clock.Advance(invites.Lifetime)
	for n := 1; n <= 40; n += 3 { // a little further each time
		ctx, die := context.WithCancel(context.Background())
		killer := &apitest.Nth{N: n, Fault: func(c apitest.Call, r *httpRequest, send sender) (*httpResponse, error) {
			die()
			return apitest.Lose(c, r, send)
		}}
		mend := w.Wire.Break(killer.Hook)
		report, _ := w.Sweeper.Sweep(ctx) // that it was cut short is no error of its own
		mend()
		die()
		if report.Done && killer.Calls() >= n {
			t.Errorf("killed at call %d, it says that it is done", n)
		}
		w.CheckInvariants()
	}
	w.Sweep()
	wantExpired(t, w.CheckInvariants().Orgs[ada.OrgID], 200)
}

// While the engine is away a sweep says so, and nothing is lost.
func TestSweep_outage(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	inviteMany(ada, 20)
	w.Clock.Advance(invites.Lifetime)
	mend := w.Wire.Break(apitest.Refuse)
	if report, err := w.Sweeper.Sweep(context.Background()); err == nil || report.Done {
		t.Errorf("got %+v and no error", report)
	}
	mend()
	mend = w.Wire.Break(apitest.On("TransactWriteItems", apitest.Refuse))
	if report := w.Sweep(); report.Failed == 0 || report.Expired != 0 {
		t.Errorf("nothing can be written, and it says %+v", report)
	}
	mend()
	w.Sweep()
	wantExpired(t, w.CheckInvariants().Orgs[ada.OrgID], 20)
}

// Time runs out: the sweep stops in order and says that it is not done.
func TestSweep_outOfTime(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	inviteMany(ada, 100)
	w.Clock.Advance(invites.Lifetime)
	const reserve = 5 * time.Second // what a sweep keeps of its time
	ctx, cancel := context.WithTimeout(context.Background(), reserve+20*time.Millisecond)
	defer cancel()
	if report, _ := w.Sweeper.Sweep(ctx); report.Done {
		t.Errorf("got %+v in 20 ms", report)
	}
	if ctx.Err() != nil {
		t.Error("it used up the time that it should keep")
	}
	w.CheckInvariants()
	w.Sweep()
	wantExpired(t, w.CheckInvariants().Orgs[ada.OrgID], 100)
}

// Thousands are due at once. They expire in one run, in memory that does not grow with them.
func TestSweep_thousands(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes some seconds")
	}
	const orgs, each = 4, 500
	w := apitest.Alone(t)
	owners := make([]*apitest.Person, orgs)
	var wg sync.WaitGroup
	for i := range owners {
		owners[i] = w.SignUp("Acme")
	}
	w.Mail.Fail(true) // notes of mails cost time, and play no part
	for i := range owners {
		wg.Go(func() { inviteMany(owners[i], each) })
	}
	wg.Wait()
	w.Clock.Advance(invites.Lifetime)

	var mu sync.Mutex
	var peak uint64
	base := heap()
	defer w.Wire.Break(func(_ apitest.Call, _ *httpRequest, send sender) (*httpResponse, error) {
		mu.Lock()
		peak = max(peak, heap())
		mu.Unlock()
		return send()
	})()
	if report := w.Sweep(); report.Expired != orgs*each || !report.Done {
		t.Errorf("got %+v", report)
	}
	if grown := int64(peak) - int64(base); grown > 32<<20 {
		t.Errorf("the sweep held %d MiB", grown>>20)
	}
	books := w.CheckInvariants()
	for _, owner := range owners {
		wantExpired(t, books.Orgs[owner.OrgID], each)
	}
}

var heapMu sync.Mutex

// heap is how much memory is in use.
func heap() uint64 {
	heapMu.Lock()
	defer heapMu.Unlock()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
