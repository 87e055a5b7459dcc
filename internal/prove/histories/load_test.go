package histories_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// Some invitations expire while others are accepted. It is clients who let time go by, so
// that as many do on a slow machine.
const (
	lifetime = 3 * time.Minute // of an invitation
	aWhile   = 15 * time.Second
)

// Many clients act on few orgs at once, on a good day and on a bad one. Afterwards every
// rule holds, every acknowledged write is there, every refused one is not, the record has
// each change once, and nothing was good after it was revoked.
func TestHistory(t *testing.T) {
	told := tally{}
	for _, c := range []struct {
		name    string
		clients int
		deeds   int // of each client
		fault   apitest.Hook
	}{
		{"16 clients", 16, 15, nil},
		{"64 clients", 64, 4, nil},
		{"16 clients, everything fails at times", 16, 15, badDay},
		{"64 clients, everything fails at times", 64, 4, badDay},
	} {
		for n := range prove.Times(1, 5) {
			t.Run(fmt.Sprint(c.name, " ", n), func(t *testing.T) {
				seed := rand.Uint64()
				t.Logf("seed %d", seed)
				h, s := &history{}, newScene(t)
				mend := s.Wire.Break(c.fault)
				live(h, s, seed, c.clients, c.deeds*prove.Times(1, 4))
				mend()
				told.add(h)
				check(s, h)
				prove.Count(t, 1, "histories of clients at once")
				prove.Count(t, len(h.wants), "calls in histories")
			})
		}
	}
	told.wantLively(t)
	prove.Count(t, told[acknowledged], "calls in histories that were acknowledged")
}

// live lets clients act until each has done so many deeds.
func live(h *history, s *scene, seed uint64, clients, n int) {
	var wg sync.WaitGroup
	for i := range clients {
		c := client{h, s, rand.New(rand.NewPCG(seed, uint64(i)))}
		wg.Go(func() {
			for range n {
				deeds[c.IntN(len(deeds))](c)
			}
		})
	}
	wg.Wait()
}

// newScene is three orgs with some people each, and others who may be invited.
func newScene(t *testing.T) *scene {
	w := apitest.Alone(t, func(s *wiring.Settings) { s.InvitationLifetime = lifetime })
	s := &scene{World: w, people: map[string]*apitest.Person{}, owners: map[string]*apitest.Person{}, gateway: w.Gateway()}
	c := client{&history{}, s, rand.New(rand.NewPCG(1, 1))}
	var founders []*apitest.Person
	for range 3 {
		p := w.SignUp("Acme")
		founders = append(founders, p)
		s.orgs, s.addresses = append(s.orgs, p.OrgID), append(s.addresses, p.Email)
		s.owners[p.OrgID] = p
		c.seated(p)
	}
	for _, p := range founders {
		for _, role := range []string{"admin", "member", "member"} {
			hired := p.Hire(role)
			s.addresses = append(s.addresses, hired.Email)
			c.seated(hired)
		}
	}
	for range 18 {
		s.addresses = append(s.addresses, apitest.Address("guest"))
	}
	return s
}

// badDay is a connection on which three transactions in ten meet others, as many of the rest
// are said to be in progress, answers get lost, some of them each time that the SDK tries
// again, and calls are throttled.
func badDay(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if doomed(r) {
		return apitest.Lose(c, r, send)
	}
	if c.Operation == "TransactWriteItems" {
		switch x := rand.Float64(); {
		case x < 0.3:
			return apitest.Conflict(r, c.Actions), nil
		case x < 0.51:
			return apitest.InProgress(c, r, send)
		}
	}
	switch x := rand.Float64(); {
	case x < 0.05:
		return apitest.Lose(c, r, send)
	case x < 0.10:
		return apitest.Says("ProvisionedThroughputExceededException")(c, r, send)
	case x < 0.13:
		return apitest.Says("ThrottlingException")(c, r, send)
	case x < 0.14:
		return apitest.Refuse(c, r, send)
	}
	return send()
}

// doomed reports whether no try of a call is to be heard of: one call in forty.
func doomed(r *http.Request) bool {
	h := fnv.New32a()
	h.Write([]byte(r.Header.Get("Amz-Sdk-Invocation-Id")))
	return h.Sum32()%40 == 0
}
