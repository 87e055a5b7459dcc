package model

import (
	"math/bits"
	"slices"

	"pgregory.net/rapid"
)

// Choices are small numbers, so that a story that fails shrinks to the first of everything.

// people are the addresses that stories are about. Nobody else exists.
var people = []string{"ada@a.test", "bob@b.test", "cho@c.test", "dan@d.test", "eve@e.test"}

// noID is what nothing has.
const noID = "01900000-0000-7000-8000-000000000000"

// draw chooses one of n, each as often as the others. The numbers that rapid offers are
// mostly small: half of all steps would be the first few.
func (s *story) draw(what string, n int) int {
	if n == 1 {
		return 0
	}
	return rapid.Custom(func(t *rapid.T) int {
		for {
			chosen := 0
			for range bits.Len(uint(n - 1)) {
				chosen *= 2
				if coin.Draw(t, "bit") {
					chosen++
				}
			}
			if chosen < n {
				return chosen
			}
		}
	}).Draw(s.t, what)
}

var coin = rapid.Bool()

// pick chooses one of the things. If there are none, what was being done is impossible.
func pick[T any](s *story, what string, from []T) T {
	if len(from) == 0 {
		panic(impossible{what})
	}
	return from[s.draw(what, len(from))]
}

// impossible is why something cannot be done now: there is none of what it needs.
type impossible struct{ none string }

// possibly does something, as far as it is possible, and reports whether it was.
func possibly(do func()) (was bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(impossible); !is {
				panic(r)
			}
			was = false
		}
	}()
	do()
	return true
}

// anyone chooses who asks: mostly somebody with the permission, "" for none in particular;
// sometimes anybody, also with what should be dead.
func (s *story) anyone(permission string) *credential {
	var all, good, dead, able []*credential
	for _, c := range s.credentials {
		if c.secret == "" {
			continue
		}
		m, a := s.caller(c)
		all = append(all, c)
		if a != fine {
			dead = append(dead, c)
			continue
		}
		good = append(good, c)
		if permission == "" || may(m.role, permission) {
			able = append(able, c)
		}
	}
	from := able
	switch s.draw("who", 10) {
	case 7:
		from = good
	case 8:
		from = all
	case 9:
		from = dead
	}
	if len(from) == 0 {
		from = all
	}
	return pick(s, "credential", from)
}

func (s *story) credentialsOf(which func(*credential) bool) []*credential {
	return slices.DeleteFunc(slices.Clone(s.credentials), func(c *credential) bool { return c.secret == "" || !which(c) })
}

// near are the things of the caller's org, or sometimes of all orgs: people know each
// other's ids.
func near[T any](s *story, by *credential, of func(*org) []T) (things []T) {
	if by != nil && s.draw("where", 5) > 0 {
		if things = of(by.seat.org); len(things) > 0 {
			return things
		}
	}
	for _, o := range s.orgs {
		things = append(things, of(o)...)
	}
	return things
}

// anyUser chooses the id of a person.
func (s *story) anyUser(by *credential) string {
	members := near(s, by, func(o *org) []*member { return o.members })
	if n := s.draw("person", len(members)+1); n > 0 {
		return members[n-1].id
	}
	return noID
}

// anyTeam chooses the id of a team, those that are gone too.
func (s *story) anyTeam(by *credential) string {
	teams := near(s, by, func(o *org) []*team { return o.teams })
	if n := s.draw("team", len(teams)+1); n > 0 {
		return teams[n-1].id
	}
	return noID
}

// anyInvitation chooses one of an org that the caller may not be in; nil for none.
func (s *story) anyInvitation(by *credential) *invitation {
	return pick(s, "invitation", near(s, by, func(o *org) []*invitation { return o.invitations }))
}

// anyAddress chooses whose mail it is: mostly somebody's who is nowhere yet.
func (s *story) anyAddress() string {
	if s.draw("anybody", 3) == 2 {
		return pick(s, "address", people)
	}
	return pick(s, "free address", slices.DeleteFunc(slices.Clone(people), func(email string) bool {
		invited := slices.ContainsFunc(s.orgs, func(o *org) bool { return o.pending(email) != nil })
		return invited || !s.known(email).free()
	}))
}

// anyRole chooses what to call a role.
func (s *story) anyRole() string {
	return pick(s, "role", []string{"member", "admin", "viewer", "member", "admin", "viewer", "member", "admin", "owner", "root"})
}

func isRole(role string) bool { return slices.Contains(roles, role) }
