package bench_test

import (
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// verification asks about a key without limits, as the gateway does before each request.
var verification = verify("POST /v1/keys/verify", func(s *stage) any {
	secret, _ := s.hireWithKey(nil)
	return apitest.Map{"key": secret}
})

var keyOperations = []operation{
	asked("GET /v1/keys", 200),
	sent("POST /v1/keys", func(s *stage) *request {
		return as(s.hire("member"), 201, "POST /v1/keys", apitest.Map{"name": "laptop"})
	}),
	ofKey("GET /v1/keys/{id}", 200, "", nil),
	ofKey("PATCH /v1/keys/{id}", 200, "", apitest.Map{"name": "phone"}),
	ofKey("DELETE /v1/keys/{id}", 204, "", nil),
	ofKey("POST /v1/keys/{id}/rotate", 200, "/rotate", apitest.Map{}),

	verification,
	verify("POST /v1/keys/verify (per minute)", func(s *stage) any {
		secret, _ := s.hireWithKey(apitest.Map{"requests_per_minute": 1000})
		return apitest.Map{"key": secret}
	}),
	verify("POST /v1/keys/verify (4 budgets)", func(s *stage) any {
		return apitest.Map{"key": s.once("budgeted", (*stage).budgeted)}
	}),
	seenAgain("POST /v1/keys/verify (4 budgets, known)", func(s *stage) *request {
		secret := s.once("budgeted", (*stage).budgeted)
		r := as(s.Gateway(), 200, "POST /v1/keys/verify", apitest.Map{"key": secret})
		r.must(s) // from here on the function knows which budgets the org has
		return r
	}),
	verify("POST /v1/keys/verify (reserving of 4)", func(s *stage) any {
		return apitest.Map{"key": s.once("budgeted", (*stage).budgeted), "reserve_usd": "0.01"}
	}),
	verify("POST /v1/keys/verify/batch", func(s *stage) any {
		secret, _ := s.hireWithKey(nil)
		return apitest.Map{"questions": []any{apitest.Map{"key": secret}}}
	}),
	verify("POST /v1/keys/verify/batch (40 keys)", func(s *stage) any {
		var keys []any
		for bob := s.hire("member"); len(keys) < 40; {
			secret, _ := bob.NewKey()
			keys = append(keys, apitest.Map{"key": secret})
		}
		return apitest.Map{"questions": keys}
	}),
}

// ofKey is a request about a key of its own holder.
func ofKey(name string, status int, rest string, body any) operation {
	return sent(name, func(s *stage) *request {
		bob := s.hire("member")
		_, id := bob.NewKey()
		method, _, _ := strings.Cut(name, " ")
		return as(bob, status, method+" /v1/keys/"+id+rest, body)
	})
}

func verify(name string, question func(s *stage) any) operation {
	return seenAgain(name, func(s *stage) *request { return as(s.Gateway(), 200, routeOf(name), question(s)) })
}

func (s *stage) hireWithKey(fields apitest.Map) (secret, id string) {
	return s.hire("member").NewKey(fields)
}
