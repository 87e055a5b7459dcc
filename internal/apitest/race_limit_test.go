package apitest_test

import (
	"fmt"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// An org's daily limit holds against any number of requests at once, and is used up whole.
func TestRace_orgLimit(t *testing.T) {
	const limit = 20
	w := apitest.Alone(t, apitest.WithLimits(invites.Limits{NewOrgPerDay: limit, OrgPerDay: limit, ToPerDay: 5}))
	ada := w.SignUp("Acme")
	var calls []call
	for range crowd {
		calls = append(calls, as(ada, "POST", "/v1/invitations", apitest.Map{"email": apitest.Address("bob"), "role": "member"}))
	}
	replies := apitest.Race(calls...)
	if tally := wantOnly(t, replies, "201", "429 rate_limited"); tally["201"] != limit {
		t.Errorf("%d invitations came through, want %d", tally["201"], limit)
	}
	wantRetryAfter(t, replies, 429)
	wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], limit, "invitation.created")
}

// Bulk calls share the limit with each other.
func TestRace_orgLimitInBulk(t *testing.T) {
	const limit, bulk = 50, 30
	w := apitest.Alone(t, apitest.WithLimits(invites.Limits{NewOrgPerDay: limit, OrgPerDay: limit, ToPerDay: 5}))
	ada := w.SignUp("Acme")
	var calls []call
	for range 4 {
		calls = append(calls, as(ada, "POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows(bulk)}))
	}
	created := 0
	for _, r := range apitest.Race(calls...) {
		var body struct{ Created, Failed int }
		r.Want(200).Decode(&body)
		if created += body.Created; body.Created+body.Failed != bulk {
			t.Errorf("%d rows are accounted for", body.Created+body.Failed)
		}
	}
	if created != limit {
		t.Errorf("%d invitations came through, want %d", created, limit)
	}
	wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], limit, "invitation.created")
}

// rows are n fresh addresses, for bulk calls.
func rows(n int) []apitest.Map {
	rows := make([]apitest.Map, n)
	for i := range rows {
		rows[i] = apitest.Map{"email": apitest.Address("bulk"), "role": "member"}
	}
	return rows
}

func wantRetryAfter(t *testing.T, replies []*apitest.Reply, status int) {
	t.Helper()
	for _, r := range replies {
		if r.Status == status && r.Header.Get("Retry-After") == "" {
			t.Errorf("a %d comes without Retry-After: %s", status, r.Body)
			return
		}
	}
}

// Nobody's mailbox is flooded: an address gets five sign-in mails an hour, a source causes
// thirty, however many ask at once.
func TestRace_signInMails(t *testing.T) {
	w := apitest.New(t)
	ask := func(email, from string) call {
		return func() *apitest.Reply {
			return w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": email}, "X-Remote-Addr", from)
		}
	}
	t.Run("to one address", func(t *testing.T) {
		email := apitest.Address("bob")
		var calls []call
		for i := range crowd {
			calls = append(calls, ask(email, fmt.Sprintf("203.0.113.%d:1", i)))
		}
		replies := apitest.Race(calls...)
		if tally := wantOnly(t, replies, "202", "429 rate_limited"); tally["202"] != 5 || len(w.Mail.To(email)) != 5 {
			t.Errorf("%v and %d mails, want 5", tally, len(w.Mail.To(email)))
		}
		wantRetryAfter(t, replies, 429)
	})
	t.Run("from one source", func(t *testing.T) {
		var calls []call
		for i := range crowd {
			calls = append(calls, ask(apitest.Address("bob"), fmt.Sprintf("[2001:db8:0:1::%x]:1", i+1)))
		}
		if tally := wantOnly(t, apitest.Race(calls...), "202", "429 rate_limited"); tally["202"] != 30 {
			t.Errorf("%v, want 30", tally)
		}
	})
}

// A client that sends the same request many times at once, under one Idempotency-Key, gets
// one effect. Every answer is the first one's, or says to repeat.
func TestRace_idempotencyKey(t *testing.T) {
	for _, op := range repeatables {
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			do := op.prepare(w)
			replies := apitest.Race(apitest.Times(crowd/2, func() *apitest.Reply { return do("Idempotency-Key", "once") })...)
			wantOnly(t, replies, op.success, "409 idempotency_conflict")
			first, fresh := "", 0
			for _, r := range replies {
				if r.Status >= 300 {
					continue
				}
				if r.Header.Get("Idempotency-Replayed") == "" {
					fresh++
				}
				if id := r.Get(op.id); first == "" {
					first = id
				} else if id != first {
					t.Errorf("answered %s and %s", first, id)
				}
			}
			if fresh != 1 && op.name != "bulk" { // a bulk answer is put together by rows
				t.Errorf("%d answers are not marked as replayed", fresh)
			}
			op.wantOnce(t, w.CheckInvariants())
		})
	}
}
