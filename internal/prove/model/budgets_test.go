package model

import (
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// budget is a limit on what an org, a team, a member or a key spends in a period.
type budget struct {
	scope, id string
	org       *org
	limit     int64
	period    string
	gone      bool
}

// reservation holds an amount of budgets until the event that settles it, or until its time
// is over.
type reservation struct {
	id             string
	key            *key
	amount         int64
	of             []*budget
	until          time.Time // settled before, it frees what it held; after, only time does
	settled, freed bool
}

// slot is to what reservations' ends are rounded up, and how long time takes to free them.
const slot = 30 * time.Second

func (o *org) budget(scope, id string) *budget {
	for _, b := range o.budgets {
		if !b.gone && b.scope == scope && b.id == id {
			return b
		}
	}
	return nil
}

// path are the budgets that a key's spend counts to, in the order in which they block.
func (k *key) path() (on []*budget) {
	if k.org.credit != nil {
		on = append(on, k.org.credit)
	}
	for _, at := range [][2]string{{"org", k.org.id}, {"team", k.team.id}, {"member", k.seat.id}, {"key", k.id}} {
		if b := k.org.budget(at[0], at[1]); b != nil {
			on = append(on, b)
		}
	}
	return on
}

// start is when the period began that a time is in.
func (b *budget) start(t time.Time) time.Time {
	year, month, day := t.Date()
	switch b.period {
	case "total":
		return time.Time{}
	case "week": // from Monday
		day -= (int(t.Weekday()) + 6) % 7
	case "month":
		day = 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// resets is when the next period begins, as answers show it.
func (b *budget) resets(now time.Time) string {
	switch begin := b.start(now); b.period {
	case "day":
		return when(begin.AddDate(0, 0, 1))
	case "week":
		return when(begin.AddDate(0, 0, 7))
	case "month":
		return when(begin.AddDate(0, 1, 0))
	}
	return ""
}

// spent is the sum of the events of the thing in the present period.
func (b *budget) spent(now time.Time) (sum int64) {
	for _, e := range b.org.events {
		if slices.Contains([]string{b.org.id, e.key.team.id, e.key.seat.id, e.key.id}, b.id) && b.start(e.at).Equal(b.start(now)) {
			sum += e.cost
		}
	}
	return sum
}

// held is what reservations keep of it.
func (s *story) held(b *budget) (sum int64) {
	for _, r := range s.reservations {
		if slices.Contains(r.of, b) && !r.freed && s.now.Before(r.until.Add(slot)) {
			sum += r.amount
		}
	}
	return sum
}

func (s *story) used(b *budget) int64 { return b.spent(s.now) + s.held(b) }

// openReservations are those that an event of the key can settle.
func (s *story) openReservations(k *key) []*reservation {
	return slices.DeleteFunc(slices.Clone(s.reservations), func(r *reservation) bool { return r.key != k || r.settled })
}

// anyThing chooses what a budget may be of.
func (s *story) anyThing(by *credential) (scope, id string) {
	switch scope = pick(s, "scope", []string{"org", "team", "member", "key"}); scope {
	case "org":
		return scope, near(s, by, func(o *org) []string { return []string{o.id} })[0]
	case "team":
		return scope, s.anyTeam(by)
	case "member":
		return scope, s.anyUser(by)
	}
	return scope, s.anyKey(by).id
}

// has reports whether the org has the thing.
func (o *org) has(scope, id string) bool {
	return map[string]bool{
		"org": o.id == id, "team": o.team(id) != nil, "member": o.member(id) != nil, "key": o.key(id) != nil,
	}[scope]
}

// setBudget gives a thing a budget, or other terms.
func (s *story) setBudget() {
	by := s.anyone("budgets:manage")
	scope, id := s.anyThing(by)
	limit := pick(s, "limit", []int64{dollar, 5 * dollar, 0, -dollar})
	period := pick(s, "period", []string{"month", "day", "week", "total"})
	s.try(step{
		by: by, method: "PUT", path: "/v1/budgets/" + scope + "/" + id, body: apitest.Map{"limit_usd": usd(limit), "period": period}, counts: true,
		want: func() answer {
			actor, a := s.allowed(by, "budgets:manage")
			switch {
			case a != fine:
				return a
			case limit < 0:
				return invalid
			case actor.org.budget(scope, id) == nil && !actor.org.has(scope, id):
				return unknown
			}
			return fine
		},
		did: func(r *apitest.Reply) {
			o := by.seat.org
			b := o.budget(scope, id)
			if b == nil {
				b = &budget{scope: scope, id: id, org: o}
				o.budgets = append(o.budgets, b)
			}
			if b.limit != limit || b.period != period { // else there is nothing to record
				b.limit, b.period = limit, period
				o.record("budget.set")
			}
			if !s.lost {
				s.shown(r, b)
			}
		},
	})
}

// shown compares a budget with an answer.
func (s *story) shown(r *apitest.Reply, b *budget) {
	s.same(r, "scope", b.scope, "id", b.id, "limit_usd", usd(b.limit), "period", b.period, "spent_usd", usd(b.spent(s.now)),
		"reserved_usd", usd(s.held(b)), "resets_at", b.resets(s.now))
}

// anyBudget chooses a budget, of whatever org, those that are gone too.
func (s *story) anyBudget(by *credential) *budget {
	return pick(s, "budget", near(s, by, func(o *org) []*budget { return o.budgets }))
}

// readBudget reads a budget.
func (s *story) readBudget() {
	by := s.anyone("")
	s.readOneBudget(by, s.anyBudget(by))
}

func (s *story) readOneBudget(by *credential, b *budget) {
	var now *budget
	r := s.attempt(step{
		by: by, method: "GET", path: "/v1/budgets/" + b.scope + "/" + b.id,
		want: func() answer {
			actor, a := s.caller(by)
			if a != fine {
				return a
			}
			if now = actor.org.budget(b.scope, b.id); now == nil {
				return unknown
			}
			return fine
		},
	}, "")
	if r.Status == 200 {
		s.shown(r, now)
	}
}

// deleteBudget ends a budget.
func (s *story) deleteBudget() {
	by := s.anyone("budgets:manage")
	b := s.anyBudget(by)
	s.try(step{
		by: by, method: "DELETE", path: "/v1/budgets/" + b.scope + "/" + b.id,
		want: func() answer {
			actor, a := s.allowed(by, "budgets:manage")
			switch {
			case a != fine:
				return a
			case actor.org.budget(b.scope, b.id) == nil:
				return unknown
			}
			return done
		},
		did: func(*apitest.Reply) {
			by.seat.org.budget(b.scope, b.id).gone = true
			by.seat.org.record("budget.deleted")
		},
	})
}
