package model

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// models are those that keys may be bound to, and that they ask for.
var models = []string{"gpt-5", "gpt-5-mini", "claude"}

// createKey makes a key: for oneself, or for somebody else.
func (s *story) createKey() {
	by := s.anyone("keys:manage_own")
	holder := by.seat.id
	if s.draw("for another", 3) == 2 {
		holder = s.anyUser(by)
	}
	scopes := pick(s, "scopes", [][]string{{"inference"}, {"manage"}, {"inference", "manage"}, {"inference"}, {"root"}})
	body := apitest.Map{"name": "key", "scopes": scopes, "user_id": holder}
	k := &key{name: "key", scopes: scopes, requests: map[time.Time]int{}}
	s.limited(k, body)
	s.try(step{
		by: by, method: "POST", path: "/v1/keys", body: body, once: true, other: with(body, "name", "other"),
		want: func() answer { return s.mayCreateKey(by, holder, k) },
		did: func(r *apitest.Reply) {
			o := by.seat.org
			made := *k
			made.requests = map[time.Time]int{}
			made.id, made.org, made.seat = r.Get("id"), o, o.member(holder)
			made.team = made.seat.team
			o.keys = append(o.keys, &made)
			s.name(made.id, "key-%d-of-%s", len(o.keys), s.names[o.id])
			o.record("key.created")
			s.same(r, "user_id", holder, "team_id", made.team.id, "role", made.seat.role, "name", "key", "created_by", by.seat.id)
			s.secretOf(&made, by, r)
		},
	})
}

// limited gives a key, and the request for it, an expiry and limits, or none.
func (s *story) limited(k *key, body apitest.Map) {
	switch s.draw("limits", 4) {
	case 1:
		k.expires = s.now.Add(pick(s, "expiry", []time.Duration{time.Hour, 3 * 24 * time.Hour, -time.Second})).Truncate(time.Microsecond)
		body["expires_at"] = when(k.expires)
	case 2:
		k.models = pick(s, "models", [][]string{{"gpt-5"}, {"gpt-5*"}, {"a*b"}})
		body["models"] = k.models
	case 3:
		k.limit = 2
		body["requests_per_minute"] = k.limit
	}
}

// possible reports whether a key can be as asked for.
func (s *story) possible(k *key) bool {
	return !passed(s.now, k.expires) && !slices.Contains(k.models, "a*b")
}

func (s *story) mayCreateKey(by *credential, holder string, k *key) answer {
	actor, a := s.caller(by)
	if a != fine {
		return a
	}
	permission := "keys:manage"
	if holder == actor.id {
		permission = "keys:manage_own"
	}
	switch h := actor.org.member(holder); {
	case !may(actor.role, permission):
		return forbids
	case slices.Contains(k.scopes, "root") || !s.possible(k):
		return invalid
	case h == nil:
		return unknown
	case above(h.role, actor.role): // a key acts as its holder
		return tooHigh
	case holder != actor.id && slices.Contains(k.scopes, "manage") && above(h.role, "member"):
		return forbids
	case slices.Contains(k.scopes, "inference") && !may(h.role, "keys:manage_own"):
		return forbids
	case len(h.liveKeys()) >= maxKeys:
		return answer{409, "key_limit_reached"}
	}
	return made
}

const maxKeys = 40

// with is a body with another value.
func with(body apitest.Map, name string, value any) apitest.Map {
	other := apitest.Map{}
	for n, v := range body {
		other[n] = v
	}
	other[name] = value
	return other
}

// anyKey chooses a key, of whatever org and age.
func (s *story) anyKey(by *credential) *key {
	return pick(s, "key", near(s, by, func(o *org) []*key { return o.keys }))
}

// mayManage: one's own keys, and those of people who may do no more.
func (s *story) mayManage(by *credential, k *key) answer {
	if a := s.mayReadKey(by, k); a != fine {
		return a
	}
	permission := "keys:manage"
	if k.seat.id == by.seat.id {
		permission = "keys:manage_own"
	}
	switch h := k.org.member(k.seat.id); {
	case !may(by.seat.role, permission):
		return forbids
	case h != nil && above(h.role, by.seat.role):
		return tooHigh
	case k.revoked:
		return unknown
	}
	return fine
}

// mayReadKey: without keys:read, the keys of others do not exist.
func (s *story) mayReadKey(by *credential, k *key) answer {
	actor, a := s.caller(by)
	switch {
	case a != fine:
		return a
	case k.org != actor.org, k.seat.id != actor.id && !may(actor.role, "keys:read"):
		return unknown
	}
	return fine
}

// readKey reads a key.
func (s *story) readKey() {
	by := s.anyone("")
	k := s.anyKey(by)
	r := s.attempt(step{
		by: by, method: "GET", path: "/v1/keys/" + k.id,
		want: func() answer { return s.mayReadKey(by, k) },
	}, "")
	if r.Status != 200 {
		return
	}
	role := ""
	if h := k.org.member(k.seat.id); h != nil {
		role = h.role
	}
	s.same(r, "id", k.id, "user_id", k.seat.id, "team_id", k.team.id, "name", k.name, "role", role,
		"requests_per_minute", strconv.Itoa(k.limit), "key", "", "expires_at", orEmpty(k.expires))
	s.unless((r.Get("revoked_at") != "") == k.revoked, "the key is shown revoked, or should be")
}

func orEmpty(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return when(at)
}

// editKey changes a key's name and limits.
func (s *story) editKey() {
	by := s.anyone("keys:manage_own")
	k := s.anyKey(by)
	body := apitest.Map{"name": "edited", "models": []string{}, "requests_per_minute": 0, "expires_at": nil}
	next := &key{name: "edited"}
	s.limited(next, body)
	s.try(step{
		by: by, method: "PATCH", path: "/v1/keys/" + k.id, body: body,
		want: func() answer {
			a := s.mayManage(by, k)
			if a == fine && !s.possible(next) {
				a = invalid
			}
			return a
		},
		did: func(*apitest.Reply) {
			if k.sameTerms(next) {
				return
			}
			k.name, k.models, k.limit, k.expires = next.name, next.models, next.limit, next.expires
			k.org.record("key.updated")
		},
	})
}

// sameTerms reports whether an edit to next would change nothing: there is nothing to record.
func (k *key) sameTerms(next *key) bool {
	return k.name == next.name && slices.Equal(k.models, next.models) && k.limit == next.limit && k.expires.Equal(next.expires)
}

// revokeKey ends a key.
func (s *story) revokeKey() {
	by := s.anyone("keys:manage_own")
	k := s.anyKey(by)
	s.try(step{
		by: by, method: "DELETE", path: "/v1/keys/" + k.id,
		want: func() answer {
			a := s.mayManage(by, k)
			if a == fine {
				a = done
			}
			return a
		},
		did: func(*apitest.Reply) {
			k.revoked = true
			k.org.record("key.revoked")
		},
	})
}

// allows reports whether the key may ask the model.
func (k *key) allows(model string) bool {
	return len(k.models) == 0 || model == "" || slices.ContainsFunc(k.models, func(m string) bool {
		start, wild := strings.CutSuffix(m, "*")
		return m == model || wild && strings.HasPrefix(model, start)
	})
}
