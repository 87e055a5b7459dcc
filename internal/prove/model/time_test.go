package model

import (
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
	s.touched = true
	s.world.Clock.Stop(s.now)
	s.t.Logf("it is %s", s.now)
}

// again repeats an old call with its key: within a day it is remembered; after that it is
// decided afresh.
func (s *story) again() { s.callAgain(pick(s, "call", s.calls)) }

func (s *story) callAgain(c *call) {
	if passed(s.now, c.at.Add(replayed)) {
		s.attempt(c.step, c.key)
		return
	}
	s.replay(c)
}
