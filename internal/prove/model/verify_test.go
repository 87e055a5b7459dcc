package model

import (
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// verify asks about a secret, as the gateway does before each request.
func (s *story) verify() {
	s.verifyOf(pick(s, "secret", s.credentialsOf(func(c *credential) bool { return c.key != nil || s.steps%7 == 0 })))
}

func (s *story) verifyOf(c *credential) {
	model := pick(s, "model", append([]string{""}, models...))
	question := apitest.Map{"key": c.secret, "model": model}
	if s.draw("by hash", 2) == 1 {
		question = apitest.Map{"key_hash": hashOf(c.secret), "model": model}
	}
	reserve, hold := int64(0), time.Duration(0)
	if s.draw("reserve", 2) == 1 {
		reserve, hold = pick(s, "reserve", []int64{dollar / 2, 2 * dollar}), pick(s, "hold", []time.Duration{time.Minute, 10 * time.Second, time.Hour})
		question["reserve_usd"], question["reserve_seconds"] = usd(reserve), int(hold.Seconds())
	}
	r := s.attempt(step{by: s.gateway, method: "POST", path: "/v1/keys/verify", body: question, want: func() answer { return fine }}, "")
	s.openCredits(c.key)
	code, blocking := s.verdict(c, model)
	var holds []*budget
	if code == "ok" && reserve > 0 {
		holds = c.key.path()
		if full := s.full(holds, reserve); full != nil {
			code, blocking, holds = full.exceeded(), full, nil
		}
	}
	s.same(r, "code", code, "valid", map[bool]string{true: "true", false: "false"}[code == "ok"])
	if c.key != nil && code != "not_found" {
		s.same(r, "key_id", c.key.id, "user_id", c.key.seat.id, "org_id", c.key.org.id, "team_id", c.key.team.id)
	}
	if blocking != nil {
		s.same(r, "blocked_by.scope", blocking.scope, "blocked_by.id", blocking.id, "blocked_by.limit_usd", usd(blocking.limit),
			"blocked_by.spent_usd", usd(blocking.spent(s.now)), "blocked_by.resets_at", blocking.resets(s.now))
	}
	s.unless((r.Get("reservation_id") != "") == (len(holds) > 0), "something is reserved, or should be")
	if len(holds) > 0 {
		s.reserved(r.Get("reservation_id"), c.key, reserve, hold, holds)
	}
}

// verdict says what is wrong with a secret, and counts the request if it is limited.
func (s *story) verdict(c *credential, model string) (code string, blocking *budget) {
	k := c.key
	switch {
	case k == nil || k.org.purged && s.forgotten(c):
		return "not_found", nil
	case k.org.deleted:
		return "org_deleted", nil
	case k.revoked || passed(s.now, c.until):
		return "revoked", nil
	case passed(s.now, k.expires):
		return "expired", nil
	}
	serves := slices.Contains(k.scopes, "inference") && k.allows(model)
	within := !serves || s.countRequest(k)
	switch blocking = s.blocking(k); {
	case !may(k.seat.role, "keys:manage_own"):
		return "role_forbids", nil
	case !slices.Contains(k.scopes, "inference"):
		return "scope_missing", nil
	case !k.allows(model):
		return "model_not_allowed", nil
	case blocking != nil:
		return blocking.exceeded(), blocking
	case !within:
		return "rate_limited", nil
	}
	return "ok", nil
}

// openCredits: what a prepaid org has paid for is a budget, from the first question on.
func (s *story) openCredits(k *key) {
	if s.prepaid && k != nil && !k.org.deleted && k.org.credit == nil {
		k.org.credit = &budget{scope: "credits", id: k.org.id, org: k.org, limit: k.org.credits, period: "total"}
	}
}

// exceeded is what a key is told whose budget has no room.
func (b *budget) exceeded() string {
	if b.scope == "credits" {
		return "credits_exhausted"
	}
	return "budget_exceeded"
}

// countRequest counts a request in its minute, and says whether it is within the limit.
func (s *story) countRequest(k *key) bool {
	minute := s.now.Truncate(time.Minute)
	if k.limit == 0 {
		return true
	}
	if k.requests[minute] >= k.limit {
		return false
	}
	k.requests[minute]++
	return true
}

// blocking is the first budget on the key's path that is used up.
func (s *story) blocking(k *key) *budget {
	for _, b := range k.path() {
		if s.used(b) >= b.limit {
			return b
		}
	}
	return nil
}

// full is the first of the budgets that has no room.
func (s *story) full(of []*budget, amount int64) *budget {
	for _, b := range of {
		if s.used(b)+amount > b.limit {
			return b
		}
	}
	return nil
}

// reserved: the end is rounded up, so that reservations lapse together.
func (s *story) reserved(id string, k *key, amount int64, hold time.Duration, of []*budget) {
	until := s.now.Add(hold + slot - 1).Truncate(slot)
	s.reservations = append(s.reservations, &reservation{id: id, key: k, amount: amount, of: of, until: until})
	s.name(id, "reservation-%d", len(s.reservations))
}
