package model

import (
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// anyToken chooses a mailed token, those that should be dead too, or one that never was.
func (s *story) anyToken() string {
	var good, all []string
	for _, o := range s.orgs {
		for _, i := range o.invitations {
			all = append(all, i.tokens...)
			if _, a := s.offer(i.good); a == fine {
				good = append(good, i.good)
			}
		}
	}
	if s.draw("which token", 3) > 0 && len(good) > 0 {
		return pick(s, "good token", good)
	}
	return pick(s, "token", append(all, "nemo_invite_"+strings.Repeat("A", 86)))
}

// accept follows an invitation's link.
func (s *story) accept() { s.acceptWith(s.anyToken()) }

func (s *story) acceptWith(token string) {
	s.try(step{
		method: "POST", path: "/v1/invitations/accept", body: apitest.Map{"token": token, "name": "New"},
		once: true, other: apitest.Map{"token": token, "name": "Newer"},
		want: func() answer { return s.mayAccept(token) },
		did: func(r *apitest.Reply) {
			i := s.findInvitation(token)
			s.leavePending(i, "accepted")
			s.same(r, "membership.role", i.role, "membership.team_id", i.team.id, "membership.email", i.email)
			s.join(i.org, i.email, r.Get("membership.user_id"), "New", i.role, i.team, r)
		},
	})
}

func (s *story) mayAccept(token string) answer {
	i, a := s.offer(token)
	switch {
	case a != fine:
		return a
	case !s.known(i.email).free():
		return answer{409, "already_in_organization"}
	case !i.inviterStands():
		return left["revoked"]
	}
	return fine
}

// preview looks at an invitation, as a mail scanner may too.
func (s *story) preview() { s.previewOf(s.anyToken()) }

func (s *story) previewOf(token string) {
	r := s.attempt(step{
		method: "POST", path: "/v1/invitations/preview", body: apitest.Map{"token": token},
		want: func() answer {
			i, a := s.offer(token)
			if a == fine && !i.inviterStands() {
				a = left["revoked"]
			}
			return a
		},
	}, "")
	if r.Status == 200 {
		i := s.findInvitation(token)
		s.same(r, "org_name", i.org.name, "team_name", i.team.name, "role", i.role, "email", i.email, "expires_at", when(i.expires))
	}
}

// decline says no.
func (s *story) decline() { s.declineWith(s.anyToken()) }

func (s *story) declineWith(token string) {
	s.try(step{
		method: "POST", path: "/v1/invitations/decline", body: apitest.Map{"token": token},
		want: func() answer {
			if _, a := s.offer(token); a != fine {
				return a
			}
			return done
		},
		did: func(*apitest.Reply) { s.leavePending(s.findInvitation(token), "declined") },
	})
}
