package model

import (
	"slices"
	"time"
)

// state is all that there is, as far as the rules are about it. Nothing is ever taken out:
// what is gone is marked so, and tried again.
type state struct {
	now         time.Time
	users       []*user
	orgs        []*org
	links       []*link
	credentials []*credential
	calls       []*call

	sent         []*event // to the gateway's door, whatever became of them
	reservations []*reservation

	mails      map[string]int  // that strangers caused, by address and hour
	suppressed map[string]bool // addresses that complained

	prepaid bool // orgs may spend no more than they have paid for
}

// user is a person, known from their first membership on.
type user struct {
	email, name, id string
	org             *org // that claims them; the claim of a deleted org is void
}

// org is a tenant.
type org struct {
	id, name, slug  string
	founded         time.Time
	deleted, purged bool
	deletedAt       time.Time

	teams       []*team
	members     []*member // those who left too
	invitations []*invitation
	keys        []*key
	budgets     []*budget
	events      []*event
	credits     int64
	credit      *budget // of the credits, where orgs are prepaid, once a key was asked about

	entries map[string]int // of the record, by action
	mailed  map[string]int // invitations that count to a limit, by whom and day
}

// team is a part of an org. The first is Default.
type team struct {
	id, name string
	gone     bool
}

// member is one membership, from joining to leaving.
type member struct {
	*user
	org  *org
	team *team
	role string
	left bool

	signOuts int // everywhere
}

// invitation is an offer. Every token that was mailed is kept; the last is the good one,
// if it is known.
type invitation struct {
	id, email, role string
	org             *org
	team            *team
	inviter         *user
	status          string // as stored: what is due stays pending until somebody looks
	expires         time.Time
	tokens          []string
	good            string // the token that works; empty if its mail never left

	queued   bool
	outcome  string // what became of the last mail: failed, bounced or complained
	attempts int
	due      time.Time // when the sweep takes the mail up, while it is queued
}

// link is a mailed link to sign up or in with.
type link struct {
	token, email, orgName string
	signUp, spent         bool
	expires               time.Time
}

// credential is a session or one secret of a key.
type credential struct {
	name   string
	secret string

	seat    *member
	ended   bool
	expires time.Time // of a session

	key     *key
	until   time.Time // when another secret has replaced this one; else zero
	ceiling string    // if somebody else was shown the secret
}

// key is a virtual key.
type key struct {
	id, name string
	org      *org
	seat     *member // of its holder
	team     *team
	scopes   []string
	models   []string
	limit    int // requests a minute
	expires  time.Time
	revoked  bool

	requests map[time.Time]int // by minute
}

// record counts an entry.
func (o *org) record(action string) { o.entries[action]++ }

func (o *org) defaultTeam() *team { return o.teams[0] }

// member returns the present membership of the user with the id.
func (o *org) member(userID string) *member {
	for _, m := range o.members {
		if !m.left && m.id == userID && userID != "" {
			return m
		}
	}
	return nil
}

// memberOf returns the present membership of an address.
func (o *org) memberOf(email string) *member {
	for _, m := range o.members {
		if !m.left && m.email == email {
			return m
		}
	}
	return nil
}

func (o *org) team(id string) *team {
	for _, t := range o.teams {
		if !t.gone && t.id == id {
			return t
		}
	}
	return nil
}

// pending returns the invitation that takes the address, whether or not it is due.
func (o *org) pending(email string) *invitation {
	for _, i := range o.invitations {
		if i.status == "pending" && i.email == email {
			return i
		}
	}
	return nil
}

func (o *org) key(id string) *key {
	for _, k := range o.keys {
		if k.id == id {
			return k
		}
	}
	return nil
}

// owner returns who owns the org.
func (o *org) owner() *member {
	return o.members[slices.IndexFunc(o.members, func(m *member) bool { return !m.left && m.role == "owner" })]
}

// seats counts who sits in the team, and who is invited to it.
func (o *org) seats(t *team) (sit, come int) {
	for _, m := range o.members {
		if !m.left && m.team == t {
			sit++
		}
	}
	for _, i := range o.invitations {
		if i.status == "pending" && i.team == t {
			come++
		}
	}
	return sit, come
}

// empty reports whether nobody sits in the team or is invited to it.
func (o *org) empty(t *team) bool {
	sit, come := o.seats(t)
	return sit+come == 0
}

// liveKeys are the member's.
func (m *member) liveKeys() (live []*key) {
	for _, k := range m.org.keys {
		if k.seat == m && !k.revoked {
			live = append(live, k)
		}
	}
	return live
}

// known returns the user of an address, or nil.
func (s *state) known(email string) *user {
	for _, u := range s.users {
		if u.email == email {
			return u
		}
	}
	return nil
}

// free reports whether the user may join an org: whose org was deleted may at once.
func (u *user) free() bool { return u == nil || u.org == nil || u.org.deleted }

func (s *state) slugTaken(slug string) bool {
	return slices.ContainsFunc(s.orgs, func(o *org) bool { return !o.purged && o.slug == slug })
}

// findInvitation returns whose token it ever was.
func (s *state) findInvitation(token string) *invitation {
	for _, o := range s.orgs {
		for _, i := range o.invitations {
			if slices.Contains(i.tokens, token) {
				return i
			}
		}
	}
	return nil
}

// day is what daily limits count by.
func (s *state) day() string { return s.now.Format(time.DateOnly) }
