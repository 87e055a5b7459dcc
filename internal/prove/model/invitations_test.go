package model

import (
	"slices"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// invite invites an address: to the caller's team, or to any.
func (s *story) invite() { s.inviteTo(s.anyone("invitations:manage"), s.anyAddress()) }

func (s *story) inviteTo(by *credential, email string) { s.inviteAs(by, email, s.anyRole()) }

func (s *story) inviteAs(by *credential, email, role string) {
	body, other := apitest.Map{"email": email, "role": role}, apitest.Map{"email": "x" + email, "role": role}
	teamID := ""
	if s.draw("to a team", 3) == 2 {
		teamID = s.anyTeam(by)
		body["team_id"], other["team_id"] = teamID, teamID
	}
	defer s.withMail()()
	s.try(step{
		by: by, method: "POST", path: "/v1/invitations", body: body, once: true, other: other,
		want:   func() answer { a, _ := s.mayInvite(by, email, role, teamID); return a },
		anyway: func() { s.expireDue(by, email, role, teamID) },
		did:    func(r *apitest.Reply) { s.invited(by, email, role, teamID, r) },
	})
}

// invited: there is an invitation more.
func (s *story) invited(by *credential, email, role, teamID string, r *apitest.Reply) *invitation {
	o := by.seat.org
	s.makeWay(o, email)
	i := &invitation{id: r.Get("id"), email: email, role: role, org: o, team: s.teamOr(by, teamID)}
	o.invitations = append(o.invitations, i)
	s.name(i.id, "invitation-%d-of-%s", len(o.invitations), s.names[o.id])
	o.record("invitation.created")
	s.offered(i, by, r)
	return i
}

// withMail decides whether mail works until mend is called. What happens meanwhile has the
// same mail.
func (s *story) withMail() (mend func()) {
	if s.within {
		return func() {}
	}
	s.mailDown = s.draw("mail is down", 8) == 7
	s.world.Mail.Fail(s.mailDown)
	return func() { s.mailDown = false; s.world.Mail.Fail(false) }
}

func (s *story) teamOr(by *credential, id string) *team {
	if id == "" {
		return by.seat.team
	}
	return by.seat.org.team(id)
}

// mayInvite: what is due never blocks. It is due, the second result, if all else is well
// until it is met.
func (s *story) mayInvite(by *credential, email, role, teamID string) (a answer, due *invitation) {
	actor, a := s.allowed(by, "invitations:manage")
	if a != fine {
		return a, nil
	}
	o := actor.org
	switch due = o.pending(email); {
	case !isRole(role):
		return invalid, nil
	case !canGrant(actor.role, role):
		return tooHigh, nil
	case s.teamOr(by, teamID) == nil:
		return invalid, nil
	case s.toLimit(o, email):
		return tooOften, nil
	case o.memberOf(email) != nil:
		return answer{409, "already_member"}, nil
	case due != nil && s.statusAt(due) == "pending":
		return exists, nil
	case s.orgLimit(o):
		return tooOften, due
	}
	return made, due
}

// expireDue expires what would have blocked.
func (s *story) expireDue(by *credential, email, role, teamID string) {
	if _, due := s.mayInvite(by, email, role, teamID); due != nil {
		s.expire(due)
	}
}

// makeWay expires what was due for an address that another invitation has taken: what took
// the actor's right meanwhile comes too late to keep it.
func (s *story) makeWay(o *org, email string) {
	if due := o.pending(email); s.overtaken && due != nil {
		s.expire(due)
	}
}

// expire turns a due invitation to expired.
func (s *story) expire(i *invitation) {
	i.status = "expired"
	i.org.record("invitation.expired")
}

// offered: an invitation is pending, its clock starts, and its mail is on its way.
func (s *story) offered(i *invitation, by *credential, r *apitest.Reply) {
	i.status, i.inviter, i.expires = "pending", by.seat.user, s.now.Add(lifetime)
	i.queued, i.outcome, i.attempts, i.due, i.good = true, "", 0, s.now.Add(firstRetry), ""
	s.countInvite(i.org, i.email)
	switch {
	case s.suppressed[i.email]:
		i.silence()
	case !s.lost && !s.mailDown:
		s.delivered(i)
	}
	if !s.lost {
		s.same(r, "delivery", delivery(i))
	}
	if r.Status < 300 {
		s.same(r, "email", i.email, "role", i.role, "team_id", i.team.id, "status", "pending",
			"expires_at", when(i.expires), "invited_by.user_id", by.seat.id, "litellm_role", litellm[i.role])
	}
}

// silence gives the mail up.
func (i *invitation) silence() { i.queued, i.outcome = false, "failed" }

// delivered: only the last link that was mailed works.
func (s *story) delivered(i *invitation) {
	i.queued, i.good = false, s.world.Mail.TokenOf(i.id)
	i.tokens = append(i.tokens, i.good)
	s.name(i.good, "token-%d-of-%s", len(i.tokens), s.names[i.id])
}

// resend gives an invitation a new link and seven days again.
func (s *story) resend() {
	by := s.anyone("invitations:manage")
	s.resendOne(by, s.anyInvitation(by))
}

func (s *story) resendOne(by *credential, i *invitation) {
	defer s.withMail()()
	s.try(step{
		by: by, method: "POST", path: "/v1/invitations/" + i.id + "/resend",
		want: func() answer { a, _ := s.mayResend(by, i); return a },
		anyway: func() {
			if _, due := s.mayResend(by, i); due != nil {
				s.expire(due)
			}
		},
		did: func(r *apitest.Reply) {
			if i.status != "pending" {
				s.makeWay(i.org, i.email)
			}
			i.org.record("invitation.resent")
			s.offered(i, by, r)
		},
	})
}

func (s *story) mayResend(by *credential, i *invitation) (a answer, due *invitation) {
	actor, a := s.allowed(by, "invitations:manage")
	if a != fine {
		return a, nil
	}
	o := actor.org
	switch other := o.pending(i.email); {
	case i.org != o:
		return unknown, nil
	case i.status != "pending" && i.status != "expired":
		return left[i.status], nil
	case !canGrant(actor.role, i.role):
		return tooHigh, nil
	case s.toLimit(o, i.email) || s.orgLimit(o):
		return tooOften, nil
	case i.status == "pending":
		return fine, nil
	case o.memberOf(i.email) != nil:
		return answer{409, "already_member"}, nil
	case other != nil && s.statusAt(other) == "pending":
		return exists, nil
	case i.team.gone:
		return answer{409, "team_deleted"}, other
	default:
		return fine, other
	}
}

// revoke withdraws an invitation.
func (s *story) revoke() {
	by := s.anyone("invitations:manage")
	s.revokeOne(by, s.anyInvitation(by))
}

func (s *story) revokeOne(by *credential, i *invitation) {
	s.try(step{
		by: by, method: "DELETE", path: "/v1/invitations/" + i.id,
		want: func() answer {
			actor, a := s.allowed(by, "invitations:manage")
			switch {
			case a != fine:
				return a
			case i.org != actor.org:
				return unknown
			case s.statusAt(i) != "pending":
				return left[s.statusAt(i)]
			}
			return done
		},
		did: func(*apitest.Reply) { s.leavePending(i, "revoked") },
	})
}

func (s *story) leavePending(i *invitation, to string) {
	i.status, i.queued = to, false
	i.org.record("invitation." + to)
}

// readInvitation reads one.
func (s *story) readInvitation() {
	by := s.anyone("invitations:read")
	s.readOne(by, s.anyInvitation(by))
}

func (s *story) readOne(by *credential, i *invitation) {
	r := s.attempt(step{
		by: by, method: "GET", path: "/v1/invitations/" + i.id,
		want: func() answer {
			actor, a := s.allowed(by, "invitations:read")
			if a == fine && i.org != actor.org {
				a = unknown
			}
			return a
		},
	}, "")
	if r.Status == 200 {
		s.same(r, "id", i.id, "email", i.email, "role", i.role, "status", s.statusAt(i), "team_id", i.team.id,
			"expires_at", when(i.expires), "invited_by.user_id", i.inviter.id)
	}
}

// pendingInvitations are those of live orgs invitations, for moments that matter.
func (s *story) pendingInvitations() (open []*invitation) {
	for _, o := range s.orgs {
		open = append(open, slices.DeleteFunc(slices.Clone(o.invitations), func(i *invitation) bool { return i.status != "pending" || o.deleted })...)
	}
	return open
}
