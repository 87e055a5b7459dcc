package model

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

const dollar = 1_000_000_000 // in nanodollars

// prompt and output are the tokens of every request.
const prompt, output = 10, 1

// event is what a request cost.
type event struct {
	id          string
	key         *key
	by          *credential // whose hash names the key; nil: its id does
	model       string
	cost        int64
	at          time.Time
	reservation *reservation
}

// usd is an amount as answers show it.
func usd(nano int64) string { return strconv.FormatFloat(float64(nano)/dollar, 'f', -1, 64) }

// costs are what requests cost here.
var costs = []int64{dollar / 4, dollar, 3 * dollar, 0, 6 * dollar}

// eventIDs are few: gateways repeat themselves, and their ids may collide.
var eventIDs = []string{"e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8"}

// reportSpend posts a batch of events, new ones and old ones again, as they were or not.
func (s *story) reportSpend() {
	var batch []*event
	for range 1 + s.draw("more events", 3) {
		batch = append(batch, s.anyEvent())
	}
	s.report(batch)
}

func (s *story) report(batch []*event) {
	if s.counting {
		panic(impossible{"sum that stands still"})
	}
	var verdicts []string
	s.try(step{
		by: s.gateway, method: "POST", path: "/v1/spend/events", body: s.asSent(batch), swarms: true,
		want: func() answer { verdicts = s.judge(batch); return fine },
		did: func(r *apitest.Reply) {
			if !s.lost {
				s.unless(fmt.Sprint(results(r)) == fmt.Sprint(verdicts), "the batch is answered %v, and should be %v", results(r), verdicts)
			}
			s.count(batch, verdicts)
		},
	})
}

// anyEvent is a new event, or one that was sent before.
func (s *story) anyEvent() *event {
	if len(s.sent) > 0 && s.draw("old event", 3) == 2 {
		e := *pick(s, "event", s.sent)
		if s.draw("with another cost", 3) == 2 {
			e.cost += dollar
		}
		e.reservation = nil
		return &e
	}
	e := &event{id: pick(s, "event id", eventIDs), model: pick(s, "model", models), cost: pick(s, "cost", costs), at: s.anyMoment()}
	secrets := s.credentialsOf(func(c *credential) bool { return c.key != nil })
	c := pick(s, "key", secrets)
	if e.key = c.key; s.draw("by hash", 2) == 1 {
		e.by = c
	}
	if open := s.openReservations(e.key); len(open) > 0 {
		e.reservation = open[0]
	}
	return e
}

// anyMoment is when a request was made: mostly now, sometimes long ago, sometimes by a clock
// that is ahead.
func (s *story) anyMoment() time.Time {
	ago := pick(s, "ago", []time.Duration{0, time.Hour, 26 * time.Hour, 20 * 24 * time.Hour, 36 * 24 * time.Hour, -6 * time.Minute, -4 * time.Minute})
	at := s.now.Add(-ago)
	if ago < 0 && at.Day() != s.now.Day() { // what period that is in is nobody's promise
		return s.now
	}
	return at
}

// asSent is the body.
func (s *story) asSent(batch []*event) (body []apitest.Map) {
	for _, e := range batch {
		m := apitest.Map{
			"event_id": e.id, "model": e.model, "cost_usd": usd(e.cost), "at": when(e.at), "prompt_tokens": prompt, "completion_tokens": output,
		}
		if e.by != nil {
			m["key_hash"] = hashOf(e.by.secret)
		} else {
			m["key_id"] = e.key.id
		}
		if e.reservation != nil {
			m["reservation_id"] = e.reservation.id
		}
		body = append(body, m)
	}
	return body
}

// judge says what becomes of each event: each counts once, whatever comes again.
func (s *story) judge(batch []*event) (verdicts []string) {
	first := map[string]*event{} // of this batch, by org and id
	for _, e := range batch {
		o := e.key.org
		before := o.event(e.id)
		if before == nil {
			before = first[o.id+e.id]
		}
		verdict := "counted"
		switch {
		case e.at.Before(s.now.Add(-35 * 24 * time.Hour)):
			verdict = "rejected too_old"
		case e.at.After(s.now.Add(5 * time.Minute)):
			verdict = "rejected in_the_future"
		case o.purged && (e.by == nil || s.forgotten(e.by)):
			verdict = "rejected key_unknown"
		case o.deleted:
			verdict = "rejected org_deleted"
		case before != nil && before.same(e):
			verdict = "duplicate"
		case before != nil:
			verdict = "conflict"
		default:
			first[o.id+e.id] = e
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}

func (o *org) event(id string) *event {
	for _, e := range o.events {
		if e.id == id {
			return e
		}
	}
	return nil
}

// same: the same event may name its key in another way, and the reservation it settles is
// not a part of it.
func (e *event) same(o *event) bool {
	return e.key == o.key && e.model == o.model && e.cost == o.cost && e.at.Equal(o.at)
}

func results(r *apitest.Reply) (all []string) {
	var body struct {
		Results []struct{ Status, Reason string }
	}
	r.Decode(&body)
	for _, one := range body.Results {
		if one.Reason != "" {
			one.Status += " " + one.Reason
		}
		all = append(all, one.Status)
	}
	return all
}

// count adds the events that count, and settles what they were reserved for.
func (s *story) count(batch []*event, verdicts []string) {
	for n, e := range batch {
		if !slices.ContainsFunc(s.sent, func(o *event) bool { return o == e }) {
			s.sent = append(s.sent, e)
		}
		if verdicts[n] != "counted" {
			continue
		}
		e.key.org.events = append(e.key.org.events, e)
		if r := e.reservation; r != nil && !r.settled {
			r.settled, r.freed = true, s.now.Before(r.until)
		}
	}
}

// readSpend reads what each key spent, in all months that there can be events of.
func (s *story) readSpend() {
	by := s.anyone("")
	from := s.now.AddDate(0, -2, 0)
	path := fmt.Sprintf("/v1/spend?group_by=key&from=%s-01&to=%s-01", from.Format("2006-01"), s.now.AddDate(0, 0, 1-s.now.Day()).AddDate(0, 1, 0).Format("2006-01"))
	r := s.attempt(step{
		by: by, method: "GET", path: path,
		want: func() answer { _, a := s.caller(by); return a },
	}, "")
	if r.Status != 200 {
		return
	}
	want, total, count := map[string]string{}, int64(0), 0
	begin := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
	for _, k := range by.seat.org.keys {
		n, spent := 0, int64(0)
		for _, e := range k.org.events {
			if e.key == k && !e.at.Before(begin) {
				n, spent = n+1, spent+e.cost
			}
		}
		count += n
		if total += spent; n > 0 {
			want[k.id] = fmt.Sprint(usd(spent), " in ", n, " for ", n*prompt, " and ", n*output)
		}
	}
	var report struct {
		Data []struct {
			KeyID  string `json:"key_id"`
			Name   string `json:"key_name"`
			Spend  string `json:"spend_usd"`
			Count  int    `json:"requests"`
			Prompt int    `json:"prompt_tokens"`
			Output int    `json:"completion_tokens"`
		}
	}
	r.Decode(&report)
	got := map[string]string{}
	for _, row := range report.Data {
		got[row.KeyID] = fmt.Sprint(row.Spend, " in ", row.Count, " for ", row.Prompt, " and ", row.Output)
		s.unless(row.Name != "", "a key has lost its name")
	}
	s.equal("rows of the report", want, got)
	s.same(r, "total.spend_usd", usd(total), "total.requests", fmt.Sprint(count),
		"total.prompt_tokens", fmt.Sprint(count*prompt), "total.completion_tokens", fmt.Sprint(count*output))
}

// addCredits tops an org up.
func (s *story) addCredits() {
	o := pick(s, "org", s.orgs)
	s.try(step{
		by: s.gateway, method: "POST", path: "/v1/billing/credits", once: true,
		body: apitest.Map{"org_id": o.id, "amount_usd": 10}, other: apitest.Map{"org_id": o.id, "amount_usd": 11},
		want: func() answer {
			if o.deleted {
				return unknown
			}
			return made
		},
		did: func(r *apitest.Reply) {
			s.same(r, "kind", "top_up", "amount_usd", "10", "at", when(s.now), "note", "")
			o.credits += 10 * dollar
			if o.credit != nil {
				o.credit.limit = o.credits
			}
			o.record("credits.added")
		},
	})
}

// readBilling reads the balance.
func (s *story) readBilling() {
	by := s.anyone("billing:read")
	r := s.attempt(step{
		by: by, method: "GET", path: "/v1/billing",
		want: func() answer { _, a := s.allowed(by, "billing:read"); return a },
	}, "")
	if r.Status == 200 {
		o, spent := by.seat.org, int64(0)
		for _, e := range o.events {
			spent += e.cost
		}
		s.same(r, "credits_usd", usd(o.credits), "spent_usd", usd(spent), "balance_usd", usd(o.credits-spent))
	}
}
