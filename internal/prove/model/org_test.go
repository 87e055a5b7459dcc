package model

import (
	"fmt"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// transfer makes somebody else the owner.
func (s *story) transfer() {
	by := s.anyone("org:transfer")
	id := s.anyUser(by)
	s.try(step{
		by: by, method: "POST", path: "/v1/org/transfer", body: apitest.Map{"user_id": id},
		want: func() answer {
			actor, a := s.allowed(by, "org:transfer")
			switch {
			case a != fine:
				return a
			case id == actor.id:
				return invalid
			case actor.org.member(id) == nil:
				return unknown
			}
			return fine
		},
		did: func(r *apitest.Reply) {
			next := by.seat.org.member(id)
			by.seat.role, next.role = "admin", "owner"
			by.seat.org.record("org.ownership_transferred")
			if s.told() {
				s.asMember(r, next)
			}
		},
	})
}

// updateOrg changes the org's name and slug.
func (s *story) updateOrg() {
	by := s.anyone("org:update")
	name, slug := pick(s, "name", []string{"Acme", "Core"}), pick(s, "slug", []string{"acme", "bolt", "core", "no", "api"})
	s.try(step{
		by: by, method: "PATCH", path: "/v1/org", body: apitest.Map{"name": name, "slug": slug},
		want: func() answer {
			actor, a := s.allowed(by, "org:update")
			switch {
			case a != fine:
				return a
			case slug == "no" || slug == "api": // too short; a part of the dashboard's paths
				return invalid
			case slug != actor.org.slug && s.slugTaken(slug):
				return answer{409, "slug_taken"}
			}
			return fine
		},
		did: func(r *apitest.Reply) {
			o := by.seat.org
			if o.name != name || o.slug != slug {
				o.name, o.slug = name, slug
				o.record("org.updated")
			}
			if s.told() {
				s.same(r, "id", o.id, "name", name, "slug", slug, "owner_id", o.owner().id, "default_team_id", o.defaultTeam().id)
			}
		},
	})
}

// deleteOrg ends the org for everybody in it.
func (s *story) deleteOrg() {
	by := s.anyone("org:delete")
	confirm := "wrong"
	if s.draw("confirmed", 3) == 2 {
		confirm = by.seat.org.slug
	}
	s.try(step{
		by: by, method: "DELETE", path: "/v1/org", body: apitest.Map{"confirm": confirm},
		want: func() answer {
			actor, a := s.allowed(by, "org:delete")
			switch {
			case a != fine:
				return a
			case confirm != actor.org.slug:
				return invalid
			}
			return done
		},
		did: func(*apitest.Reply) {
			by.seat.org.deleted, by.seat.org.deletedAt = true, s.now
			by.seat.org.record("org.deleted")
		},
	})
}

// createTeam adds a team.
func (s *story) createTeam() {
	by := s.anyone("teams:manage")
	s.try(step{
		by: by, method: "POST", path: "/v1/teams", body: apitest.Map{"name": "Red"}, once: true, other: apitest.Map{"name": "Blue"},
		want: func() answer {
			if _, a := s.allowed(by, "teams:manage"); a != fine {
				return a
			}
			return made
		},
		did: func(r *apitest.Reply) {
			s.same(r, "name", "Red", "members", "0", "pending_invitations", "0", "default", "false")
			s.addTeam(by.seat.org, r.Get("id"), "Red")
			by.seat.org.record("team.created")
		},
	})
}

// renameTeam gives a team another name.
func (s *story) renameTeam() {
	by := s.anyone("teams:manage")
	id, name := s.anyTeam(by), pick(s, "name", []string{"Red", "Blue"})
	s.try(step{
		by: by, method: "PATCH", path: "/v1/teams/" + id, body: apitest.Map{"name": name},
		want: func() answer {
			actor, a := s.allowed(by, "teams:manage")
			switch {
			case a != fine:
				return a
			case actor.org.team(id) == nil:
				return unknown
			}
			return fine
		},
		did: func(r *apitest.Reply) {
			o := by.seat.org
			t := o.team(id)
			if t.name != name {
				t.name = name
				o.record("team.updated")
			}
			if s.told() {
				sit, come := o.seats(t)
				s.same(r, "id", id, "name", name, "default", fmt.Sprint(t == o.defaultTeam()), "members", fmt.Sprint(sit), "pending_invitations", fmt.Sprint(come))
			}
		},
	})
}

// deleteTeam deletes a team in which nobody is or is invited to.
func (s *story) deleteTeam() {
	by := s.anyone("teams:manage")
	id := s.anyTeam(by)
	s.try(step{
		by: by, method: "DELETE", path: "/v1/teams/" + id,
		want: func() answer {
			actor, a := s.allowed(by, "teams:manage")
			if a != fine {
				return a
			}
			switch t := actor.org.team(id); {
			case t == nil:
				return unknown
			case t == actor.org.defaultTeam():
				return answer{409, "default_team_protected"}
			case !actor.org.empty(t):
				return answer{409, "team_not_empty"}
			}
			return done
		},
		did: func(*apitest.Reply) {
			by.seat.org.team(id).gone = true
			by.seat.org.record("team.deleted")
		},
	})
}
