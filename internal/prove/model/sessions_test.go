package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// askForOrg asks for a sign-up link.
func (s *story) askForOrg() {
	s.askOf(pick(s, "address", people), pick(s, "org name", []string{"Acme", "Bolt"}))
}

func (s *story) askOf(email, orgName string) {
	if s.mailDown { // the answer would be an error, as nobody could follow
		return
	}
	fitted := s.fits(email, true)
	s.try(step{
		method: "POST", path: "/v1/signup", body: apitest.Map{"email": " " + strings.ToUpper(email), "org_name": orgName},
		want: s.mayAskFor(email, true),
		did:  func(*apitest.Reply) { s.asked(&link{email: email, orgName: orgName, signUp: true}, fitted) },
	})
}

// askToSignIn asks for a sign-in link.
func (s *story) askToSignIn() { s.askFor(pick(s, "address", people)) }

func (s *story) askFor(email string) {
	if s.mailDown {
		return
	}
	fitted := s.fits(email, false)
	s.try(step{
		method: "POST", path: "/v1/sessions", body: apitest.Map{"email": email},
		want: s.mayAskFor(email, false),
		did:  func(*apitest.Reply) { s.asked(&link{email: email}, fitted) },
	})
}

// signIn lets somebody in again who is signed out.
func (s *story) signIn() {
	before := len(s.links)
	s.askFor(pick(s, "account", slices.DeleteFunc(slices.Clone(s.users), func(u *user) bool {
		in := slices.ContainsFunc(s.credentials, func(c *credential) bool {
			m, a := s.caller(c)
			return a == fine && c.key == nil && m.user == u
		})
		return in || u.free()
	})).email)
	if len(s.links) > before {
		s.confirm(s.links[before], false)
	}
}

// mayAskFor: the answer depends on how often, and never on whether there is an account.
func (s *story) mayAskFor(email string, signUp bool) func() answer {
	return func() answer {
		if s.mails[s.hour(email, signUp)] >= mailsPerAddress {
			return tooOften
		}
		return mailed
	}
}

func (s *story) hour(email string, signUp bool) string {
	return fmt.Sprint(email, signUp, s.now.Format("2006-01-02 15"))
}

// fits: who is free signs up, who is not signs in.
func (s *story) fits(email string, signUp bool) bool { return s.known(email).free() == signUp }

// asked: a link that fits goes out; who has no use for it, or had none when the program
// looked, gets a word instead.
func (s *story) asked(l *link, fitted bool) {
	s.mails[s.hour(l.email, l.signUp)]++
	if s.lost || !s.fits(l.email, l.signUp) || s.suppressed[l.email] {
		return
	}
	l.token, l.expires = s.world.Mail.Token(l.email), s.now.Add(linkLifetime)
	if s.overtaken && !fitted && l.token == "" {
		return
	}
	s.unless(l.token != "", "no link went out to %s", l.email)
	s.links = append(s.links, l)
	s.name(l.token, "link %d", len(s.links))
}

// follow confirms a link, of whatever kind and age, where it belongs or where it does not.
func (s *story) follow() {
	l := pick(s, "link", s.links)
	if s.draw("wrong place", 8) == 7 {
		s.confirm(l, !l.signUp)
		return
	}
	s.confirm(l, l.signUp)
}

func (s *story) confirm(l *link, signUp bool) {
	if signUp {
		s.found(l)
		return
	}
	s.try(step{
		method: "POST", path: "/v1/sessions/confirm", body: apitest.Map{"token": l.token},
		want: func() answer {
			u := s.known(l.email)
			if l.signUp || !s.fresh(l) || u.free() {
				return answer{410, "link_invalid"}
			}
			return fine
		},
		did: func(r *apitest.Reply) {
			l.spent = true
			m := s.known(l.email).org.memberOf(l.email)
			m.org.record("session.created")
			s.open(m, r)
		},
	})
}

func (s *story) fresh(l *link) bool { return !l.spent && s.now.Before(l.expires) }

// found turns a link into an org.
func (s *story) found(l *link) {
	s.try(step{
		method: "POST", path: "/v1/signup/confirm", body: apitest.Map{"token": l.token}, once: true,
		want: func() answer {
			switch {
			case !l.signUp || !s.fresh(l):
				return answer{410, "link_invalid"}
			case !s.known(l.email).free():
				return answer{409, "already_in_organization"}
			}
			return made
		},
		did: func(r *apitest.Reply) { s.founded(l, r) },
	})
}

func (s *story) founded(l *link, r *apitest.Reply) {
	l.spent = true
	slug, wanted := r.Get("org.slug"), strings.ToLower(l.orgName)
	s.unless(slug == wanted != s.slugTaken(wanted), "the org's slug is %s", wanted)
	o := &org{
		id: r.Get("org.id"), name: l.orgName, slug: slug, founded: s.now, credits: 5 * dollar,
		entries: map[string]int{}, mailed: map[string]int{},
	}
	s.orgs = append(s.orgs, o)
	s.name(o.id, "org-%d", len(s.orgs))
	s.addTeam(o, r.Get("team.id"), "Default")
	o.record("org.created")
	s.join(o, l.email, r.Get("user.id"), "", "owner", o.defaultTeam(), r)
}

func (s *story) addTeam(o *org, id, name string) {
	o.teams = append(o.teams, &team{id: id, name: name})
	s.name(id, "team-%d-of-%s", len(o.teams), s.names[o.id])
}

// signOut ends the session in use.
func (s *story) signOut() {
	by := s.anyone("")
	s.try(step{
		by: by, method: "DELETE", path: "/v1/sessions/current",
		want: func() answer {
			switch _, a := s.caller(by); {
			case a != fine:
				return a
			case by.key != nil:
				return answer{409, "no_session"}
			}
			return done
		},
		did: func(*apitest.Reply) {
			by.ended = true
			by.seat.org.record("session.ended")
		},
	})
}

// signOutEverywhere ends all sessions of the caller. Keys stay.
func (s *story) signOutEverywhere() {
	by := s.anyone("")
	before := by.seat.signOuts
	s.try(step{
		by: by, method: "DELETE", path: "/v1/sessions",
		want: func() answer {
			if _, a := s.caller(by); a != fine {
				return a
			}
			return done
		},
		did: func(*apitest.Reply) {
			if s.overtaken && (by.seat.left || by.seat.signOuts != before) {
				return // somebody else just did the same, and one entry tells of it
			}
			by.seat.signOuts++
			for _, c := range s.credentials {
				if c.key == nil && c.seat == by.seat {
					c.ended = true
				}
			}
			by.seat.org.record("session.all_ended")
		},
	})
}
