package apitest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// A body that is wrong in as many places as there is room for is answered in few words. That
// no answer is larger than a function can send, Send sees to.
func TestHostile_manyFaults(t *testing.T) {
	w := apitest.New(t)
	viewer := w.SignUp("Acme").Hire("viewer")
	stranger := &apitest.Person{World: w, Token: "nemo_gateway_" + strings.Repeat("A", 43)}
	for _, c := range []struct {
		who        *apitest.Person
		path, list string
		item       string
	}{
		{stranger, "/v1/keys/verify/batch", "questions", "1,"},
		{viewer, "/v1/invitations/bulk", "invitations", "{},"},
		{viewer, "/v1/keys", "models", "1,"},
	} {
		for _, size := range []int{64 << 10, 256 << 10} {
			items := strings.Repeat(c.item, (size-100)/len(c.item))
			r := c.who.Do("POST", c.path, `{"`+c.list+`":[`+strings.TrimSuffix(items, ",")+`]}`)
			var p struct {
				Errors []struct{ Location, Message string }
			}
			if r.Decode(&p); r.Status == 422 && len(p.Errors) != 100 || r.Status != 422 && r.Status != 413 {
				t.Errorf("%s with %d bytes: %d with %d errors", c.path, size, r.Status, len(p.Errors))
			}
		}
	}
}

// Every place where any operation takes a value, against every nasty value: no answer is
// 5xx, each refusal is a whole problem document that does not quote what was sent, another
// org stays as it was and unseen, and what must always be true still is.
func TestHostile_everyPlaceTakesEveryNastyValue(t *testing.T) {
	w := apitest.Alone(t)
	victim := w.SignUp("Zebrafish")
	before := ofOrg(w, victim.OrgID)
	tried, places, shared := 0, placesOf(w), w.Cast()
	for _, d := range decisions {
		s, values := scene{shared}, hostiles()
		if d.endsTheScene() || strings.HasSuffix(d.call, "/keys") { // of which nobody holds more than forty
			s = scene{w.Cast()}
		}
		if d.audience != gateway { // which serves all orgs
			values = append(values, pointingAt(victim)...)
		}
		caller := d.caller(s)
		request, served := d.rightly(s, caller), 0
		for _, p := range append(places[d.call], place{"header", "User-Agent"}) {
			for _, v := range values {
				method, path, body, headers, ok := d.with(t, request, p, v)
				if !ok {
					continue
				}
				tried++
				r := caller.Do(method, path, body, headers...)
				wantCalm(t, fmt.Sprintf("%s with %s at %s", d.call, v.what, p), r, v)
				if r.Status < 300 {
					served++
				}
			}
		}
		if served == 0 { // what is nasty in the User-Agent alone
			t.Errorf("%s refuses everything, so it proves little", d.call)
		}
	}
	for key, item := range ofOrg(w, victim.OrgID) {
		if before[key] != item {
			t.Errorf("another org's %s was\n%s\nand is\n%s", key, before[key], item)
		}
	}
	w.CheckInvariants()
	prove.Count(t, tried, "nasty values tried")
}

// pointingAt are ids that lead to another org's things, if anything is joined without care.
func pointingAt(victim *apitest.Person) []hostile {
	return []hostile{
		nastyText("another org's id", victim.OrgID),
		nastyText("another org's team", victim.TeamID),
		nastyText("another org's owner", victim.ID),
		nastyText("a key into another org", "x#"+victim.OrgID+"#TEAM#"+victim.TeamID),
	}
}

// ofOrg is all that lies in an org's partitions, by key.
func ofOrg(w *apitest.World, orgID string) map[string]string {
	items := w.Items()
	maps.DeleteFunc(items, func(key, _ string) bool {
		partition, _, _ := strings.Cut(key, " / ")
		return !strings.Contains(partition, orgID)
	})
	return items
}

// caller is who may make the call.
func (d decision) caller(s scene) *apitest.Person {
	switch {
	case d.audience == public:
		return s.Owner.Stranger()
	case d.audience == gateway:
		return s.Owner.Gateway()
	case d.owner >= 400: // such as to leave
		return s.Admin
	default:
		return s.Owner
	}
}

// rightly is a request that would be served.
func (d decision) rightly(s scene, caller *apitest.Person) request {
	switch d.call {
	case "POST /v1/keys/verify":
		key, _ := s.Member.NewKey()
		return request{body: apitest.Map{"key": key}}
	case "POST /v1/keys/verify/batch":
		key, _ := s.Member.NewKey()
		return request{body: apitest.Map{"questions": []any{apitest.Map{"key": key}}}}
	case "POST /v1/spend/events":
		return request{body: []any{biller{caller}.event(pay(s.Member), "1")}}
	case "POST /v1/billing/credits":
		return request{body: apitest.Map{"org_id": s.Owner.OrgID, "amount_usd": 1}}
	case "POST /v1/invitations/accept", "POST /v1/invitations/preview", "POST /v1/invitations/decline":
		guest := email("guest")
		s.Owner.Invite(guest, "member")
		return request{body: apitest.Map{"token": s.Owner.Mail.Token(guest)}}
	case "POST /v1/signup/confirm":
		founder := email("founder")
		caller.Do("POST", "/v1/signup", apitest.Map{"email": founder, "org_name": "New"}, "X-Remote-Addr", apitest.Source()).Want(202)
		return request{body: apitest.Map{"token": s.Owner.Mail.Token(founder)}}
	case "POST /v1/sessions/confirm":
		caller.Do("POST", "/v1/sessions", apitest.Map{"email": s.Member.Email}, "X-Remote-Addr", apitest.Source()).Want(202)
		return request{body: apitest.Map{"token": s.Owner.Mail.Token(s.Member.Email)}}
	}
	return d.send(s, s.Owner)
}

// wantCalm fails the test unless the answer is one that a nasty value may get.
func wantCalm(t *testing.T, what string, r *apitest.Reply, v hostile) {
	t.Helper()
	switch ct := r.Header.Get("Content-Type"); {
	case r.Status >= 500:
		t.Errorf("%s: %d: %s", what, r.Status, r.Body)
	case r.Status >= 400 && (ct != "application/problem+json" || r.Code() == ""):
		t.Errorf("%s: %d as %s: %s", what, r.Status, ct, r.Body)
	case r.Status >= 400 && bytes.Contains(r.Body, []byte(mark)):
		t.Errorf("%s is quoted: %s", what, r.Body)
	case len(r.Body) > 0 && strings.HasSuffix(ct, "json") && !json.Valid(r.Body):
		t.Errorf("%s: no JSON: %s", what, r.Body)
	case bytes.Contains(r.Body, []byte("Zebrafish")):
		t.Errorf("%s tells of another org: %s", what, r.Body)
	}
	for name, lines := range r.Header {
		if strings.Contains(strings.Join(lines, ""), mark) || name != http.CanonicalHeaderKey(name) {
			t.Errorf("%s is in the header %s", what, name)
		}
	}
}
