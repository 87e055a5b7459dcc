package bench_test

import (
	"github.com/nemorouter/nemo-team/internal/apitest"
)

var peopleOperations = []operation{
	sent("POST /v1/signup", func(s *stage) *request {
		return as(s.Stranger(), 202, "POST /v1/signup", apitest.Map{"email": s.address(), "org_name": s.orgName()})
	}),
	sent("POST /v1/signup/confirm", func(s *stage) *request {
		email := s.address()
		as(s.Stranger(), 202, "POST /v1/signup", apitest.Map{"email": email, "org_name": s.orgName()}).must(s)
		return as(s.Stranger(), 201, "POST /v1/signup/confirm", apitest.Map{"token": s.Mail.Token(email)})
	}),
	sent("POST /v1/sessions", func(s *stage) *request {
		return as(s.Stranger(), 202, "POST /v1/sessions", apitest.Map{"email": s.hire("member").Email})
	}),
	sent("POST /v1/sessions/confirm", func(s *stage) *request {
		email := s.hire("member").Email
		as(s.Stranger(), 202, "POST /v1/sessions", apitest.Map{"email": email}).must(s)
		return as(s.Stranger(), 200, "POST /v1/sessions/confirm", apitest.Map{"token": s.Mail.Token(email)})
	}),
	asked("GET /v1/sessions", 200),
	sent("DELETE /v1/sessions/current", func(s *stage) *request {
		return as(s.hire("member"), 204, "DELETE /v1/sessions/current", nil)
	}),
	sent("DELETE /v1/sessions", func(s *stage) *request { return as(s.hire("member"), 204, "DELETE /v1/sessions", nil) }),
	asked("GET /v1/me", 200),
	sent("GET /v1/me (by key)", func(s *stage) *request {
		byKey, _ := s.hire("member").WithKey("manage")
		return as(byKey, 200, "GET /v1/me", nil)
	}),
	sent("PATCH /v1/me", func(s *stage) *request {
		return as(s.hire("member"), 200, "PATCH /v1/me", apitest.Map{"name": "Ada " + s.next()})
	}),

	asked("GET /v1/org", 200),
	sent("PATCH /v1/org", func(s *stage) *request {
		return as(s.SignUp("Acme"), 200, "PATCH /v1/org", apitest.Map{"name": "Acme " + s.next()})
	}),
	sent("DELETE /v1/org", func(s *stage) *request {
		other := s.SignUp("Acme")
		slug := other.Do("GET", "/v1/org", nil).Want(200).Get("slug")
		return as(other, 204, "DELETE /v1/org", apitest.Map{"confirm": slug})
	}),
	sent("POST /v1/org/transfer", func(s *stage) *request {
		other := s.SignUp("Acme")
		return as(other, 200, "POST /v1/org/transfer", apitest.Map{"user_id": other.Hire("member").ID})
	}),
	asked("GET /v1/teams", 200),
	sent("POST /v1/teams", func(s *stage) *request {
		return as(s.Owner, 201, "POST /v1/teams", apitest.Map{"name": "Research"})
	}),
	sent("GET /v1/teams/{id}", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/teams/"+s.Owner.TeamID, nil) }),
	sent("PATCH /v1/teams/{id}", func(s *stage) *request {
		return as(s.Owner, 200, "PATCH /v1/teams/"+s.team(), apitest.Map{"name": "Design"})
	}),
	sent("DELETE /v1/teams/{id}", func(s *stage) *request { return as(s.Owner, 204, "DELETE /v1/teams/"+s.team(), nil) }),

	asked("GET /v1/members", 200),
	sent("GET /v1/members/{id}", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/members/"+s.Owner.ID, nil) }),
	sent("PATCH /v1/members/{id}", func(s *stage) *request {
		return as(s.Owner, 200, "PATCH /v1/members/"+s.hire("member").ID, apitest.Map{"role": "admin"})
	}),
	sent("DELETE /v1/members/{id}", func(s *stage) *request {
		return as(s.Owner, 204, "DELETE /v1/members/"+s.hire("member").ID, nil)
	}),
	asBulk(sent("DELETE /v1/members/{id} (with 40 keys)", func(s *stage) *request {
		bob := s.hire("member")
		for range 40 {
			bob.WithKey("inference")
		}
		return as(s.Owner, 204, "DELETE /v1/members/"+bob.ID, nil)
	})),
	sent("POST /v1/members/me/leave", func(s *stage) *request {
		return as(s.hire("member"), 204, "POST /v1/members/me/leave", nil)
	}),
}
