package sweep_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/sweep"
)

// wholeTable is how many invitations are not too many to check every rule on.
const wholeTable = 5_000

// A sweep dies in the middle of a night with very many due invitations. The next two run at
// the same time. Each invitation expires once, none is missed, and the memory is what a
// small part of the invitations takes.
func TestSweep_manyDue(t *testing.T) {
	few, many := prove.Times(500, 2_000), prove.Times(5_000, 100_000)
	small, large := sweepAll(t, few), sweepAll(t, many)
	t.Logf("at most %.1f MiB live with %d due, %.1f MiB with %d", mebi(small), few, mebi(large), many)
	if large > small+small/2+4<<20 {
		t.Errorf("memory grows with what is due: %.1f MiB with %d, %.1f MiB with %d", mebi(small), few, mebi(large), many)
	}
	prove.Count(t, few+many, "due invitations swept")
}

// sweepAll fills a table with n due invitations, sweeps it, and returns the most that was
// live meanwhile.
func sweepAll(t *testing.T, n int) (most uint64) {
	w := apitest.Alone(t)
	if n > wholeTable {
		w.FreshTable("byDue") // a sweep of invitations asks no other
	}
	orgs := inviteMany(w, n)
	w.Clock.Advance(invites.Lifetime)
	var first sweep.Report
	var two [2]sweep.Report
	most = peak(func() {
		first = dieAfter(w, n/100)
		var wg sync.WaitGroup
		for i := range two {
			wg.Go(func() { two[i] = w.Sweep() })
		}
		wg.Wait()
	})
	if first.Expired == 0 || first.Expired >= n || first.Done {
		t.Errorf("the sweep that was to die in the middle says %+v", first)
	}
	for _, r := range two {
		if r.Expired == 0 && n >= 5_000 || r.Failed > 0 || !r.Done { // of few, one may come first to all
			t.Errorf("a sweep beside another says %+v", r)
		}
	}
	// What the dying sweep could not tell of is in no report.
	if sum := first.Expired + two[0].Expired + two[1].Expired; sum > n || sum < n-4*25 {
		t.Errorf("they say that they expired %d of %d", sum, n)
	}
	expired(w, orgs).want(t, n)
	if again := w.Sweep(); again.Expired != 0 || again.Failed != 0 {
		t.Errorf("the next sweep says %+v", again)
	}
	if n <= wholeTable {
		w.CheckInvariants()
	}
	return most
}

// dieAfter is a sweep whose program dies with its nth transaction, which takes effect.
func dieAfter(w *apitest.World, n int) sweep.Report {
	w.Helper()
	ctx, die := context.WithCancel(context.Background())
	defer die()
	var sent atomic.Int64
	defer w.Wire.Break(func(c apitest.Call, r *request, send func() (*response, error)) (*response, error) {
		if c.Operation != "TransactWriteItems" || sent.Add(1) < int64(n) {
			return send()
		}
		die()
		if sent.Load() == int64(n) {
			return apitest.Lose(c, r, send)
		}
		return nil, apitest.ErrWire
	})()
	report, err := w.Sweeper.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		w.Fatal(err)
	}
	return report
}

// Time decides to the second, by the sweep and without it.
func TestSweep_toTheSecond(t *testing.T) {
	for _, c := range []struct {
		from   time.Duration // the end
		accept int
		swept  int
	}{{-time.Second, 200, 0}, {0, 410, 1}, {time.Second, 410, 1}} {
		for _, swept := range []bool{false, true} {
			t.Run(fmt.Sprint(c.from, " swept ", swept), func(t *testing.T) {
				w := apitest.Alone(t)
				ada, begin, email := w.SignUp("Acme"), w.Clock.Now(), apitest.Address("bob")
				defer w.Clock.Stop(begin)()
				ada.Invite(email, "member")
				w.Clock.Stop(begin.Add(invites.Lifetime + c.from))
				if swept {
					if n := w.Sweep().Expired; n != c.swept {
						t.Errorf("%d were swept, want %d", n, c.swept)
					}
				}
				r := w.Stranger().Do("POST", "/v1/invitations/accept", m{"token": w.Mail.Token(email)}).Want(c.accept)
				if c.accept == 410 {
					r.WantProblem(410, "invitation_expired")
				}
				w.CheckInvariants()
				prove.Count(t, 1, "accepts at the second of expiry")
			})
		}
	}
}
