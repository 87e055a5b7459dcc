package bench_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// mostVerifyAllocs is how many allocations one verification may make, the HTTP layer included.
const mostVerifyAllocs = 150

// BenchmarkVerify asks about one key among many: what it costs, and how long our own code
// takes, alone and at 16 in parallel.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		b.Run(fmt.Sprintf("keys=%d", n), func(b *testing.B) {
			s := newStage(b, operation{alone: true})
			fillKeys(b, s, n)
			for b.Loop() {
				verification.reportGrowth(b, s)
				reportOurs(b, s, verification.prepare(s))
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// reportOurs measures an action that changes nothing, without the engine.
func reportOurs(b *testing.B, s *stage, do action) {
	const times = 4000
	alone, err := oursOf(s, do, times)
	if err != nil {
		b.Fatal(err)
	}
	together, err := oursOf(s, atOnce(do, clients), times/clients)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(alone.allocs, "allocs")
	b.ReportMetric(microseconds(alone.cpu), "cpu-µs")
	b.ReportMetric(together.allocs/clients, "allocs-16")
	b.ReportMetric(microseconds(together.cpu)/clients, "cpu-µs-16")
	b.ReportMetric(microseconds(together.took)/clients, "µs-16")
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// atOnce does an action n times at the same time.
func atOnce(do action, n int) action {
	return func(p program) (answered int, err error) {
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { _, errs[i] = do(p) })
		}
		wg.Wait()
		return 0, errors.Join(errs...)
	}
}

// fillKeys gives the org n more keys, each with the secret that finds it, and their holders.
func fillKeys(t testing.TB, s *stage, n int) {
	t.Helper()
	bob := s.hire("member")
	plain, id := bob.NewKey()
	member, hash := s.row("ORG#"+s.Owner.OrgID, "MEMBER#"+bob.ID), secret.Hash(plain)
	rows := []item{s.row("ORG#"+s.Owner.OrgID, "KEY#"+id), s.row("SECRET#"+hash, "SECRET")}
	s.Fill(func(add func(item)) {
		user := bob.ID
		for i := range n {
			if i%keys.MaxLive == 0 {
				user = s.id()
				add(apitest.Copied(member, bob.ID, user))
			}
			keyID := s.id()
			for _, row := range rows {
				add(apitest.Copied(row, bob.ID, user, id, keyID, hash, secret.Hash(keyID)))
			}
		}
	})
}

// The aim that a percentage in the file of costs would let slip.
func TestVerify_allocates(t *testing.T) {
	s := newStage(t, operation{})
	o, err := oursOf(s, verification.prepare(s), 200)
	if err != nil {
		t.Fatal(err)
	}
	if o.allocs > mostVerifyAllocs {
		t.Errorf("a verification makes %.1f allocations", o.allocs)
	}
}
