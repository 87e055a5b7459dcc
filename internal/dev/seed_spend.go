package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// spender is a key of the demo org that asks models.
type spender struct {
	token  string // of its holder's session
	key    string // its name
	models []string
	daily  int // requests, about
}

// spenders are the demo's, given the sessions of its people.
func spenders(owner, admin, member string) []spender {
	return []spender{
		{owner, "laptop", []string{"gpt-5"}, 2},
		{admin, "evaluation", []string{"gpt-5", "claude-sonnet-4-5"}, 9},
		{member, "laptop", []string{"claude-sonnet-4-5", "gpt-4o-mini"}, 6},
		{member, "nightly batch", []string{"gpt-4o-mini"}, 14},
	}
}

// prices are what a request costs, about, in millionths of a dollar.
var prices = map[string]int64{"gpt-4o-mini": 900, "gpt-5": 42_000, "claude-sonnet-4-5": 31_000}

// spend gives the demo org four weeks of requests that ended at now, the same at each
// founding, and budgets of which some is spent.
func (s *seeder) spend(spenders []spender, gatewayToken, orgID, memberID string, now time.Time) {
	owner := s.key
	s.call("PUT", "/v1/budgets/org/"+orgID, object{"limit_usd": 60, "period": "month"})
	s.call("PUT", "/v1/budgets/member/"+memberID, object{"limit_usd": 5, "period": "week"})
	random, events := rand.New(rand.NewPCG(1, 2)), []object{}
	for _, p := range spenders {
		s.key = p.token
		hash := secret.Hash(text(s.call("POST", "/v1/keys", object{"name": p.key}), "key"))
		for day := range 28 {
			for range random.IntN(2 * p.daily) {
				events = append(events, request(random, p, hash, len(events), now.AddDate(0, 0, -day)))
			}
		}
	}
	s.key = gatewayToken
	for some := range slices.Chunk(events, atOnce) {
		if answer := s.call("POST", "/v1/spend/events", some); s.err == nil && answer["counted"] != float64(len(some)) {
			s.err = fmt.Errorf("not all of the demo's %d events were counted: %v", len(some), answer)
		}
	}
	s.key = owner
}

// atOnce is how many events are reported at once: few, for a machine that is busy starting.
const atOnce = 50

// request is one that was made in the ten hours before a time.
func request(random *rand.Rand, p spender, hash string, n int, before time.Time) object {
	model, tokens := p.models[random.IntN(len(p.models))], 200+random.Int64N(4000)
	return object{
		"event_id": fmt.Sprintf("demo-%d", n), "key_hash": hash, "model": model,
		"cost_usd":      money.Amount(prices[model]*tokens) / 2000 * 1000,
		"prompt_tokens": tokens, "completion_tokens": tokens / 5,
		"at": before.Add(-time.Duration(random.Int64N(int64(10 * time.Hour)))).UTC().Format(time.RFC3339),
	}
}
