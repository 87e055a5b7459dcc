package bench_test

import (
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var spendOperations = []operation{
	sent("POST /v1/spend/events", func(s *stage) *request {
		s.admit()
		secret := s.once("key", func(s *stage) string { secret, _ := s.aKey(); return secret })
		return as(s.Gateway(), 200, "POST /v1/spend/events", s.events(1, secret))
	}),
	ingest("POST /v1/spend/events (1000 of 1 key)", 1),
	ingest("POST /v1/spend/events (1000 of 20 keys)", 20),
	asBulk(sent("POST /v1/spend/events (1000 again)", func(s *stage) *request {
		secret, _ := s.hireWithKey(nil)
		r := as(s.Gateway(), 200, "POST /v1/spend/events", s.events(1000, secret))
		r.must(s)
		return r
	})),
	report("GET /v1/spend"),
	report("GET /v1/spend?group_by=member"),
	report("GET /v1/spend?group_by=day,model"),
	asked("GET /v1/audit", 200),
	asked("GET /v1/billing", 200),
	asked("GET /v1/billing/ledger", 200),
	sent("POST /v1/billing/credits", func(s *stage) *request {
		r := as(s.Gateway(), 201, "POST /v1/billing/credits", apitest.Map{"org_id": s.Owner.OrgID, "amount_usd": "50"})
		return r.with("Idempotency-Key", "invoice-"+s.next())
	}),
	asked("GET /v1/budgets", 200),
	ofBudget("PUT /v1/budgets/{scope}/{id}", 200, apitest.Map{"limit_usd": 7}),
	ofBudget("GET /v1/budgets/{scope}/{id}", 200, nil),
	ofBudget("DELETE /v1/budgets/{scope}/{id}", 204, nil),
	{name: "reconcile (1000 events)", alone: true, large: true, prepare: func(s *stage) action {
		s.spend(20)
		return reconcileOnce
	}},
}

// admit reports nothing of use: before a function's first batch the gateway's token is looked
// at by itself.
func (s *stage) admit() {
	s.Helper()
	s.once("admitted", func(s *stage) string {
		as(s.Gateway(), 200, "POST /v1/spend/events", []apitest.Map{{}}).must(s)
		return "is"
	})
}

// ingest reports 1,000 events of n keys that were used before.
func ingest(name string, n int) operation {
	return asBulk(sent(name, func(s *stage) *request {
		return as(s.Gateway(), 200, "POST /v1/spend/events", s.events(1000, s.spend(n)...))
	}))
}

// report reads what 20 keys have spent on 5 models.
func report(name string) operation {
	return seenAgain(name, func(s *stage) *request {
		s.spend(20)
		return as(s.Owner, 200, name, nil)
	})
}

func ofBudget(name string, status int, body any) operation {
	method, _, _ := strings.Cut(name, " ")
	return sent(name, func(s *stage) *request {
		at := "/v1/budgets/member/" + s.hire("member").ID
		s.Owner.Do("PUT", at, apitest.Map{"limit_usd": 1}).Want(200)
		return as(s.Owner, status, method+" "+at, body)
	})
}
