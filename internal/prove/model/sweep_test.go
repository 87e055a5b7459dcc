package model

import (
	"slices"
	"time"
)

// sweep runs the scheduled function: what is due expires, mails that never left do, and
// deleted orgs go.
func (s *story) sweep() {
	if !s.swept {
		panic(impossible{"sweep"})
	}
	defer s.withMail()()
	s.touched = true
	report := s.world.Sweep()
	s.t.Logf("%s  sweep: %+v", s.now.Format("02 15:04:05.000"), report)
	s.unless(report.Done && (report.Failed == 0 || s.mailDown), "the sweep left something")
	for _, o := range s.orgs {
		for _, i := range o.invitations {
			s.sweepInvitation(i)
		}
		if o.deleted && !o.purged && passed(s.now, o.deletedAt.Add(purgeDelay)) {
			s.purge(o)
		}
	}
}

// sweeps is the sweep as something to choose, in the stories that have it.
func (s *story) sweeps() []func() {
	if !s.swept {
		return nil
	}
	return slices.Repeat([]func(){s.sweep}, seldom)
}

func (s *story) sweepInvitation(i *invitation) {
	switch {
	case i.status != "pending" || i.org.purged:
	case passed(s.now, i.expires):
		s.expire(i)
	case i.queued && !i.org.deleted && passed(s.now, i.due):
		i.attempts++
		if s.suppressed[i.email] || i.attempts > maxAttempts {
			i.silence()
			return
		}
		i.due, i.good = earlier(s.now.Add(firstRetry<<i.attempts), i.expires), ""
		if !s.mailDown {
			s.delivered(i)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// purge: everybody is free, the slug too, and nothing is left but the record.
func (s *story) purge(o *org) {
	o.purged = true
	for _, u := range s.users {
		if u.org == o {
			u.org = nil
		}
	}
}
