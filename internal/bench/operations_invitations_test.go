package bench_test

import (
	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

var inviteOperations = []operation{
	asked("GET /v1/invitations", 200),
	asked("GET /api/supabase/invitations", 200),
	invite("POST /v1/invitations"),
	invite("POST /api/supabase/invitations"),
	sent("POST /v1/invitations (repeatable)", func(s *stage) *request {
		r := as(s.Owner, 201, "POST /v1/invitations", apitest.Map{"email": s.address(), "role": "member"})
		return r.with("Idempotency-Key", "import-"+s.next())
	}),
	asBulk(sent("POST /v1/invitations/bulk", func(s *stage) *request {
		return as(s.Owner, 200, "POST /v1/invitations/bulk", apitest.Map{"invitations": s.people(100)})
	})),
	sent("POST /v1/invitations/bulk (1, repeatable)", func(s *stage) *request {
		r := as(s.Owner, 200, "POST /v1/invitations/bulk", apitest.Map{"invitations": s.people(1)})
		return r.with("Idempotency-Key", "import-"+s.next())
	}),
	sent("GET /v1/invitations/{id}", func(s *stage) *request {
		_, id := s.invited()
		return as(s.Owner, 200, "GET /v1/invitations/"+id, nil)
	}),
	sent("POST /v1/invitations/{id}/resend", func(s *stage) *request {
		_, id := s.invited()
		return as(s.Owner, 200, "POST /v1/invitations/"+id+"/resend", nil)
	}),
	sent("DELETE /v1/invitations/{id}", func(s *stage) *request {
		_, id := s.invited()
		return as(s.Owner, 204, "DELETE /v1/invitations/"+id, nil)
	}),
	sent("POST /v1/invitations/preview", func(s *stage) *request { return s.byLink(200, "preview") }),
	sent("POST /v1/invitations/accept", func(s *stage) *request { return s.byLink(200, "accept") }),
	sent("POST /v1/invitations/accept (known user)", func(s *stage) *request {
		bob := s.hire("member")
		s.Owner.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
		s.Owner.Invite(bob.Email, "member")
		return as(s.Stranger(), 200, "POST /v1/invitations/accept", apitest.Map{"token": s.Mail.Token(bob.Email)})
	}),
	sent("POST /v1/invitations/decline", func(s *stage) *request { return s.byLink(204, "decline") }),
	{name: "sweep (1000 invitations due)", alone: true, large: true, prepare: func(s *stage) action {
		s.Mail.Fail(true)
		s.inviteMany(1000)
		s.Mail.Fail(false)
		s.Clock.Advance(invites.Lifetime)
		return sweepOnce
	}},
	{name: "sweep (nothing due)", alone: true, prepare: func(*stage) action { return sweepOnce }},
}

func invite(name string) operation {
	return sent(name, func(s *stage) *request {
		return as(s.Owner, 201, name, apitest.Map{"email": s.address(), "role": "member"})
	})
}

// byLink is what an invitee does with the link in the mail.
func (s *stage) byLink(status int, what string) *request {
	email, _ := s.invited()
	return as(s.Stranger(), status, "POST /v1/invitations/"+what, apitest.Map{"token": s.Mail.Token(email)})
}
