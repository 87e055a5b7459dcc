package model

import (
	"slices"
	"time"
)

// wait lets time go by, but not in the middle of a step.
func (s *story) wait() {
	if s.within {
		return
	}
	s.now = s.now.Add(pick(s, "wait", []time.Duration{
		time.Second, time.Minute, 20 * time.Minute, time.Hour, 23 * time.Hour, 3 * 24 * time.Hour,
	}))
	s.world.Clock.Stop(s.now)
	s.t.Logf("it is %s", s.now)
}

// edge sets the clock to a moment at which something ends, or just before or after it. The
// next step happens then.
func (s *story) edge() {
	if s.within {
		return
	}
	var ends []time.Time
	for _, at := range s.ends() {
		if at.After(s.now.Add(time.Second)) {
			ends = append(ends, at)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	at := pick(s, "end", ends[:min(len(ends), 6)])
	s.now = at.Add(pick(s, "beside it", []time.Duration{0, -time.Second, time.Second, -time.Microsecond}))
	s.exact = true
	s.world.Clock.Stop(s.now)
	s.t.Logf("it is %s, and something ends at %s", s.now, at)
}

// ends are all moments at which something ends.
func (s *story) ends() (at []time.Time) {
	for _, l := range s.links {
		at = append(at, l.expires)
	}
	for _, i := range s.pendingInvitations() {
		at = append(at, i.expires, i.due)
	}
	for _, c := range s.credentials {
		at = append(at, c.expires, c.until)
		if c.key != nil {
			at = append(at, c.key.expires)
		}
	}
	for _, r := range s.reservations {
		at = append(at, r.until, r.until.Add(slot))
	}
	for _, o := range s.orgs {
		for _, b := range o.budgets {
			if next, err := time.Parse(time.RFC3339Nano, b.resets(s.now)); err == nil {
				at = append(at, next)
			}
		}
	}
	for _, c := range s.calls {
		at = append(at, c.at.Add(replayed))
	}
	return at
}

// again repeats an old call with its key: within a day it is remembered; after that it is
// decided afresh.
func (s *story) again() {
	c := pick(s, "call", s.calls)
	if passed(s.now, c.at.Add(replayed)) {
		s.attempt(c.step, c.key)
		return
	}
	s.replay(c)
}
