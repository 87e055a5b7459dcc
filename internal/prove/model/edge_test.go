package model

import (
	"slices"
	"time"
)

// end is a moment at which something ends, and what there is to try then.
type end struct {
	at  time.Time
	try []func()
}

// edge sets the clock to a moment at which something ends, or to just before or after it,
// and tries at once what ends there. The step after it happens then too.
func (s *story) edge() {
	if s.within {
		return
	}
	var kinds [][]end
	for _, ends := range [][]end{
		s.endsOfInvitations(), s.endsOfInvitations(), s.endsOfGrace(), s.endsOfGrace(), s.endsOfKeys(), s.endsOfKeys(),
		s.endsOfSessions(), s.endsOfLinks(), s.endsOfReservations(), s.endsOfPeriods(), s.endsOfLimits(), s.endsOfCalls(), s.beginsOfSweeps(),
	} {
		ends = slices.DeleteFunc(ends, func(e end) bool { return !e.at.After(s.now.Add(time.Second)) || len(e.try) == 0 })
		slices.SortStableFunc(ends, func(a, b end) int { return a.at.Compare(b.at) })
		if len(ends) > 0 {
			kinds = append(kinds, ends[:min(len(ends), 3)]) // those after them would skip them
		}
	}
	e := pick(s, "end", pick(s, "kind of end", kinds))
	s.now = e.at.Add(pick(s, "beside it", []time.Duration{0, -time.Second, time.Second, -time.Microsecond}))
	s.exact, s.touched = true, true
	s.world.Clock.Stop(s.now)
	s.t.Logf("it is %s, and something ends at %s", s.now, e.at)
	pick(s, "what ends", e.try)()
}

func (s *story) endsOfInvitations() (ends []end) {
	for _, i := range s.pendingInvitations() {
		try := append(
			s.sweeps(),
			func() { s.inviteTo(s.anyoneOf(i.org, "invitations:manage"), i.email) },
			func() { s.resendOne(s.anyoneOf(i.org, "invitations:manage"), i) },
			func() { s.revokeOne(s.anyoneOf(i.org, "invitations:manage"), i) },
			func() { s.readOne(s.anyoneOf(i.org, "invitations:read"), i) },
		)
		if i.good != "" {
			accept := func() { s.acceptWith(i.good) }
			try = append(try, accept, accept, func() { s.declineWith(i.good) }, func() { s.previewOf(i.good) })
		}
		ends = append(ends, end{i.expires, try})
	}
	return ends
}

// anyoneOf chooses who of an org asks.
func (s *story) anyoneOf(o *org, permission string) *credential {
	return pick(s, "credential", s.credentialsOf(func(c *credential) bool {
		m, a := s.allowed(c, permission)
		return a == fine && m.org == o
	}))
}

// endsOfGrace are those of secrets that others have replaced.
func (s *story) endsOfGrace() (ends []end) {
	for _, c := range s.credentialsOf(s.good) {
		if c.key != nil {
			ends = append(ends, end{c.until, s.usesOf(c)})
		}
	}
	return ends
}

func (s *story) endsOfKeys() (ends []end) {
	for _, c := range s.credentialsOf(s.good) {
		if c.key != nil {
			ends = append(ends, end{c.key.expires, s.usesOf(c)})
		}
	}
	return ends
}

// usesOf are what a key is good for.
func (s *story) usesOf(c *credential) []func() {
	if slices.Contains(c.key.scopes, "manage") {
		return []func(){func() { s.verifyOf(c) }, func() { s.lookAs(c) }}
	}
	return []func(){func() { s.verifyOf(c) }}
}

func (s *story) endsOfSessions() (ends []end) {
	for _, c := range s.credentialsOf(s.good) {
		if c.key == nil {
			ends = append(ends, end{c.expires, []func(){func() { s.lookAs(c) }}})
		}
	}
	return ends
}

func (s *story) endsOfLinks() (ends []end) {
	for _, l := range s.links {
		if !l.spent {
			ends = append(ends, end{l.expires, []func(){func() { s.confirm(l, l.signUp) }}})
		}
	}
	return ends
}

// endsOfReservations are when an event no longer settles them, and when they have lapsed.
func (s *story) endsOfReservations() (ends []end) {
	for _, r := range s.reservations {
		settle := func() {
			e := &event{id: pick(s, "event id", eventIDs), key: r.key, model: models[0], cost: pick(s, "cost", costs), at: s.now, reservation: r}
			s.report([]*event{e})
		}
		if !r.settled {
			ends = append(ends, end{r.until, []func(){settle}})
		}
		if !r.freed {
			try := []func(){s.readBudget}
			if known := s.credentialsOf(func(c *credential) bool { return c.key == r.key }); len(known) > 0 {
				try = append(try, func() { s.verifyOf(known[len(known)-1]) })
			}
			ends = append(ends, end{r.until.Add(slot), try})
		}
	}
	return ends
}

func (s *story) endsOfPeriods() (ends []end) {
	for _, o := range s.orgs {
		for _, b := range o.budgets {
			next, err := time.Parse(time.RFC3339Nano, b.resets(s.now))
			if err != nil || b.gone || o.deleted {
				continue
			}
			try := []func(){func() { s.readOneBudget(s.anyoneOf(o, "budgets:read"), b) }}
			for _, c := range s.credentialsOf(func(c *credential) bool { return c.key != nil && slices.Contains(c.key.path(), b) }) {
				try = append(try, func() { s.verifyOf(c) })
			}
			ends = append(ends, end{next, try})
		}
	}
	return ends
}

// endsOfLimits are when somebody may again who may not now.
func (s *story) endsOfLimits() (ends []end) {
	midnight := s.now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	for _, email := range people {
		hour := s.now.Truncate(time.Hour).Add(time.Hour)
		if s.mails[s.hour(email, false)] >= mailsPerAddress {
			ends = append(ends, end{hour, []func(){func() { s.askFor(email) }}})
		}
		if s.mails[s.hour(email, true)] >= mailsPerAddress {
			ends = append(ends, end{hour, []func(){func() { s.askOf(email, "Acme") }}})
		}
		for _, o := range s.orgs {
			if s.toLimit(o, email) || s.orgLimit(o) {
				ends = append(ends, end{midnight, []func(){func() { s.inviteTo(s.anyoneOf(o, "invitations:manage"), email) }}})
			}
		}
	}
	minute := s.now.Truncate(time.Minute)
	for _, c := range s.credentialsOf(s.good) {
		if k := c.key; k != nil && k.limit > 0 && k.requests[minute] >= k.limit {
			ends = append(ends, end{minute.Add(time.Minute), s.usesOf(c)})
		}
	}
	return ends
}

func (s *story) endsOfCalls() (ends []end) {
	for _, c := range s.calls {
		ends = append(ends, end{c.at.Add(replayed), []func(){func() { s.callAgain(c) }}})
	}
	return ends
}

// beginsOfSweeps are when there is something to sweep.
func (s *story) beginsOfSweeps() (ends []end) {
	for _, i := range s.pendingInvitations() {
		if i.queued {
			ends = append(ends, end{i.due, s.sweeps()})
		}
	}
	for _, o := range s.orgs {
		if o.deleted && !o.purged {
			ends = append(ends, end{o.deletedAt.Add(purgeDelay), s.sweeps()})
		}
	}
	return ends
}
