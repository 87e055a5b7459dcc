package model

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// step is something that somebody asks for.
type step struct {
	by     *credential // nil: nobody
	method string
	path   string
	body   any
	once   bool        // it takes an Idempotency-Key
	other  apitest.Map // a body that differs, if there is one to try
	want   func() answer
	did    func(r *apitest.Reply) // what it changes in the model, if it is not refused
	anyway func()                 // what it changes even if it is
	swarms bool                   // it makes calls at the same time
	counts bool                   // it adds up what was spent, and the sweep does again what came in between
}

// call is a step that was done with an Idempotency-Key.
type call struct {
	step
	key, id string
	at      time.Time
}

// try does a step as clients do: mostly once; again with the same key; again because the
// answer to the first time got lost; or at the same time as somebody else does something.
func (s *story) try(st step) {
	if s.within {
		s.attempt(st, "")
		return
	}
	switch s.draw("how", 8) {
	case 1:
		s.lose(st)
	case 2:
		s.repeat(st)
	case 3, 4:
		s.meanwhile(st)
	default:
		s.attempt(st, "")
	}
}

// attempt does a step once and compares the answers.
func (s *story) attempt(st step, key string) *apitest.Reply {
	want := st.want()
	r := s.send(st, st.body, key)
	s.compare(st, want, r)
	s.happened(st, want, key, r)
	return r
}

// happened tells the model.
func (s *story) happened(st step, want answer, key string, r *apitest.Reply) {
	if st.anyway != nil && want != changed { // which is told before anything is
		st.anyway()
	}
	if !want.ok() {
		return
	}
	if st.did != nil {
		st.did(r)
	}
	if key != "" && st.once {
		s.calls = slices.DeleteFunc(s.calls, func(c *call) bool { return c.key == key }) // a day has passed: it is another call
		s.calls = append(s.calls, &call{st, key, r.Get("id"), s.now})
	}
}

// repeat does a step twice with one key: the second time changes nothing, and has no secret
// to tell. Another request with that key is refused.
func (s *story) repeat(st step) {
	if !st.once {
		s.attempt(st, "")
		s.attempt(st, "")
		return
	}
	key := s.freshKey()
	if first := s.attempt(st, key); first.Status >= 300 {
		s.attempt(st, key)
		return
	}
	s.replay(s.calls[len(s.calls)-1])
	if st.other != nil {
		if s.lets(st.by) == fine {
			s.compare(st, mismatch, s.send(st, st.other, key))
		}
	}
}

// replay repeats a call whose key is remembered.
func (s *story) replay(c *call) {
	want := c.success()
	if a := s.lets(c.by); a != fine {
		want = a
	}
	r := s.send(c.step, c.body, c.key)
	s.compare(c.step, want, r)
	if want.ok() {
		s.unless(r.Header.Get("Idempotency-Replayed") == "true", "the answer does not say that it is repeated")
		s.unless(r.Get("id") == c.id, "a repeated call answers another thing")
		secret := r.Get("key") + r.Get("session.token")
		s.unless(secret == "", "a repeated answer holds a secret")
	}
}

// lets says whether the credential is let in at all.
func (s *story) lets(by *credential) answer {
	if by == nil || by == s.gateway {
		return fine
	}
	_, a := s.caller(by)
	return a
}

// success is what the step answers when it is not refused.
func (st step) success() answer {
	if st.once && (strings.HasSuffix(st.path, "/accept") || strings.HasSuffix(st.path, "/rotate")) {
		return fine
	}
	return made
}

// lose does a step whose answer gets lost on its way from the engine: the program cannot
// know whether it happened. The client asks again.
func (s *story) lose(st step) {
	key := ""
	if st.once {
		key = s.freshKey()
	}
	want := st.want()
	cut := &cut{}
	mend := s.world.Wire.Break(cut.hook)
	first := s.send(st, st.body, key)
	mend()
	switch {
	case !cut.struck: // it writes nothing
		s.compare(st, want, first)
		s.happened(st, want, key, first)
		return
	case cut.committed:
		s.unless(want.ok(), "it was done, and should have been refused")
		found := first.Header.Get("Idempotency-Replayed") == "true" // the program looked for its receipt
		s.unless(first.Status >= 500 || found, "nobody knows whether it was done, and the answer is %d", first.Status)
		s.lost = true
		if st.once {
			again := s.send(st, st.body, key)
			if answerOf(again) == nobody { // it ended its own caller
				s.happened(st, want, key, again)
				s.lost = false
				s.unless(s.lets(st.by) == nobody, "the caller is known no more")
				return
			}
			s.compare(st, want, again)
			s.unless(again.Header.Get("Idempotency-Replayed") == "true", "the answer does not say that it is repeated")
			s.happened(st, want, key, again)
			s.lost = false
			return
		}
		s.happened(st, want, key, first)
		s.lost = false
	}
	s.attempt(st, key)
}

// cut loses the answer to the first transaction, for good.
type cut struct{ struck, committed bool }

func (c *cut) hook(call apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if c.struck || call.Operation != "TransactWriteItems" {
		return send()
	}
	c.struck = true
	answer, err := send()
	if err != nil {
		return nil, err
	}
	c.committed = answer.StatusCode == http.StatusOK
	if err := answer.Body.Close(); err != nil {
		return nil, err
	}
	return apitest.Answer(r, http.StatusBadRequest, "AccessDeniedException", nil), nil // nothing tries that again
}

// meanwhile lets something happen, anything or the same once more, after the step has read
// what it rests on and before it writes: conditions on the writes must keep what the reads no
// longer can. The step ends as if it had come second; or it is told that things changed; or,
// where the other took from its caller the right to do it, took what a budget is of, or deleted
// the org that a link leads to, as if it had come first. Whoever rose meanwhile is still
// answered as who they were.
func (s *story) meanwhile(st step) {
	if st.swarms {
		s.attempt(st, "")
		return
	}
	before, met := st.want(), false
	role, orgs := st.by.role(), s.orgsLeft()
	mend := s.world.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		met, s.within, s.counting = true, true, st.counts
		s.t.Logf("meanwhile:")
		if s.draw("a twin", 2) == 1 {
			s.attempt(st, "")
		} else {
			possibly(s.anything)
		}
		s.within, s.counting = false, false
	}))
	r := s.send(st, st.body, "")
	mend()
	if !met {
		s.compare(st, before, r)
		s.happened(st, before, "", r)
		return
	}
	want := st.want()
	got := answerOf(r)
	switch {
	case got == before && (!got.ok() || want == nobody || want == forbids || want == tooHigh || st.method == "PUT" && want == unknown || st.by == nil && s.orgsLeft() < orgs):
		want = before
	case got == tooHigh && before.ok() && st.by.role() != role:
		want = got
	case want == forbids && got == unknown && st.by.role() == "viewer" && role != "viewer" && strings.HasPrefix(st.path, "/v1/keys/"):
		want = got // their keys ended with their role
	case got == changed || want == nobody && (got == forbids || got == unknown):
		want = got
	}
	s.compare(st, want, r)
	s.overtaken = true
	s.happened(st, want, "", r)
	s.overtaken = false
}

// role is that of whoever asks, "" of nobody.
func (c *credential) role() string {
	if c == nil || c.seat == nil {
		return ""
	}
	return c.seat.role
}

// orgsLeft is how many orgs are not deleted.
func (s *story) orgsLeft() (n int) {
	for _, o := range s.orgs {
		if !o.deleted {
			n++
		}
	}
	return n
}

func answerOf(r *apitest.Reply) answer {
	a := answer{status: r.Status}
	if !a.ok() {
		a.code = r.Code()
	}
	return a
}
