package model

import (
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// join makes the person of an address a member, and a user if they are none.
func (s *story) join(o *org, email, id, name, role string, t *team, r *apitest.Reply) {
	u := s.known(email)
	if u == nil {
		u = &user{email: email, id: id}
		s.users = append(s.users, u)
		s.name(id, "%s", called(email))
	}
	s.unless(u.id == id, "%s came back as another user", email)
	if u.name == "" {
		u.name = name
	}
	u.org = o
	m := &member{user: u, org: o, team: t, role: role}
	o.members = append(o.members, m)
	s.open(m, r)
}

// called is what stories call the person of an address.
func called(email string) string { name, _, _ := strings.Cut(email, "@"); return name }

// open adds the session that an answer shows; a lost answer shows none.
func (s *story) open(m *member, r *apitest.Reply) {
	c := &credential{secret: r.Get("session.token"), seat: m, expires: s.now.Add(sessionLifetime)}
	s.unless((c.secret == "") == s.lost, "the answer holds no session, or one too many")
	c.name = called(m.email) + "'s session in " + s.names[m.org.id]
	s.credentials = append(s.credentials, c)
}

// look asks who one is.
func (s *story) look() { s.lookAs(s.anyone("")) }

func (s *story) lookAs(by *credential) {
	var m *member
	want := func() (a answer) { m, a = s.caller(by); return a }
	r := s.attempt(step{by: by, method: "GET", path: "/v1/me", want: want}, "")
	if r.Status == 200 {
		s.me(r, m)
	}
}

// me compares who somebody is told to be.
func (s *story) me(r *apitest.Reply, m *member) {
	s.same(r, "user.id", m.id, "user.email", m.email, "user.name", m.name, "org.id", m.org.id, "org.slug", m.org.slug,
		"org.name", m.org.name, "org.owner_id", m.org.owner().id, "org.default_team_id", m.org.defaultTeam().id,
		"team_id", m.team.id, "role", m.role, "litellm_role", litellm[m.role])
	var me struct{ Permissions []string }
	r.Decode(&me)
	n := 0
	for p := range holders {
		if may(m.role, p) {
			n++
		}
	}
	for _, p := range me.Permissions {
		s.unless(may(m.role, p), "%s is told of the permission %s", m.role, p)
	}
	s.unless(len(me.Permissions) == n, "a %s is told of %d permissions and holds %d", m.role, len(me.Permissions), n)
}

var litellm = map[string]string{"owner": "proxy_admin", "admin": "org_admin", "member": "internal_user", "viewer": "internal_user_viewer"}

// same compares values of an answer: paths and what must stand there, by turns.
func (s *story) same(r *apitest.Reply, pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		got, want := r.Get(pairs[i]), pairs[i+1]
		s.unless(got == want, "%s is %q in the answer, and %q by the rules", pairs[i], got, want)
	}
}

// told reports whether an answer tells how things are by the model: it was not lost, and
// nothing came between what it rests on and it.
func (s *story) told() bool { return !s.lost && !s.overtaken }

// asMember compares a member with an answer.
func (s *story) asMember(r *apitest.Reply, m *member) {
	s.same(r, "user_id", m.id, "email", m.email, "name", m.name, "role", m.role, "litellm_role", litellm[m.role], "team_id", m.team.id)
}

func when(t time.Time) string { return t.Format(time.RFC3339Nano) }

// rename changes what the caller is called.
func (s *story) rename() {
	by, name := s.anyone(""), pick(s, "name", []string{"Ada L.", "Bo"})
	s.try(step{
		by: by, method: "PATCH", path: "/v1/me", body: apitest.Map{"name": name},
		want: func() answer { _, a := s.caller(by); return a },
		did: func(r *apitest.Reply) {
			if by.seat.name != name {
				by.seat.name = name
				by.seat.org.record("member.updated")
			}
			if s.told() {
				s.me(r, by.seat)
			}
		},
	})
}

// changeRole gives somebody another role.
func (s *story) changeRole() {
	by := s.anyone("members:manage")
	id, role := s.anyUser(by), s.anyRole()
	s.try(step{
		by: by, method: "PATCH", path: "/v1/members/" + id, body: apitest.Map{"role": role},
		want: func() answer { return s.mayChange(by, id, role) },
		did: func(r *apitest.Reply) {
			m := by.seat.org.member(id)
			if s.changed(m, role); s.told() {
				s.asMember(r, m)
			}
		},
	})
}

func (s *story) mayChange(by *credential, id, role string) answer {
	if _, a := s.caller(by); a != fine {
		return a
	}
	if !isRole(role) {
		return invalid
	}
	actor, a := s.allowed(by, "members:manage")
	if a != fine {
		return a
	}
	switch m := actor.org.member(id); {
	case m == nil:
		return unknown
	case m.role == "owner":
		return answer{409, "owner_protected"}
	case !canGrant(actor.role, role):
		return tooHigh
	}
	return fine
}

// changed: a viewer holds no key that works.
func (s *story) changed(m *member, role string) {
	if m.role == role {
		return
	}
	m.role = role
	m.org.record("member.role_changed")
	if !may(role, "keys:manage_own") {
		s.endKeys(m)
	}
}

func (s *story) endKeys(m *member) {
	for _, k := range m.liveKeys() {
		k.revoked = true
		m.org.record("key.revoked")
	}
}

// removeMember removes somebody.
func (s *story) removeMember() {
	by := s.anyone("members:manage")
	id := s.anyUser(by)
	s.try(step{
		by: by, method: "DELETE", path: "/v1/members/" + id,
		want: func() answer {
			actor, a := s.allowed(by, "members:manage")
			if a != fine {
				return a
			}
			switch m := actor.org.member(id); {
			case m == nil:
				return unknown
			case m.role == "owner":
				return answer{409, "owner_protected"}
			}
			return done
		},
		did: func(*apitest.Reply) { s.end(by.seat.org.member(id), "member.removed") },
	})
}

// leave leaves the org.
func (s *story) leave() {
	by := s.anyone("")
	s.try(step{
		by: by, method: "POST", path: "/v1/members/me/leave",
		want: func() answer {
			switch m, a := s.caller(by); {
			case a != fine:
				return a
			case m.role == "owner":
				return answer{409, "owner_protected"}
			}
			return done
		},
		did: func(*apitest.Reply) { s.end(by.seat, "member.left") },
	})
}

// end ends a membership: with it go the claim, the keys and the sessions.
func (s *story) end(m *member, action string) {
	s.endKeys(m)
	m.left, m.user.org = true, nil
	m.org.record(action)
}
