package apitest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

var anID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// estate is everything in the table that is of an org, wherever it lies: also its people,
// their sessions, its keys' secrets, its slug.
func estate(w *apitest.World, orgID string) map[string]string {
	w.Helper()
	items := w.Items()
	maps.DeleteFunc(items, func(key, item string) bool {
		return !strings.Contains(key, orgID) && !strings.Contains(item, "org_id:"+orgID)
	})
	return items
}

// traces are all ids that an estate has.
func traces(estate map[string]string) map[string]bool {
	found := map[string]bool{}
	for key, item := range estate {
		for _, id := range anID.FindAllString(key+item, -1) {
			found[id] = true
		}
	}
	return found
}

// The owner of another org sends what the owner of this one would, route by route: what is
// about one thing is answered as if it did not exist, to the byte; nothing of this org is in
// any answer, and nothing of it changes.
func TestTenants_anotherOwnerOnEveryRoute(t *testing.T) {
	w := apitest.Alone(t)
	victim, asked := scene{w.Cast()}, map[string]request{}
	for _, d := range decisions {
		if d.audience == members {
			asked[d.call] = d.rightly(victim, victim.Owner)
		}
	}
	before := estate(w, victim.Owner.OrgID)
	theirs, calls, aboutThem := traces(before), 0, 0
	for _, d := range decisions {
		if d.audience != members {
			continue
		}
		intruder := w.SignUp("Elsewhere")
		withKey, _ := intruder.WithKey("manage")
		for _, by := range []*apitest.Person{withKey, intruder} { // a session may end with the call
			foreign := d.do(by, asked[d.call])
			calls++
			for _, id := range anID.FindAllString(string(foreign.Body), -1) {
				if theirs[id] {
					t.Errorf("%s answers with an id of another org: %s", d.call, foreign.Body)
				}
			}
			unknown, changed := elsewhere(w, asked[d.call], theirs)
			switch {
			case d.call == "DELETE /v1/org": // is told apart by its slug
				foreign.WantProblem(422, "validation_failed")
			case !changed:
			default:
				aboutThem++
				wantSame(t, d.call, foreign, d.do(by, unknown))
				if strings.Contains(d.call, "{id}") {
					foreign.WantProblem(404, "not_found")
				}
			}
		}
	}
	wantUntouched(t, before, estate(w, victim.Owner.OrgID))
	t.Logf("%d of %d calls were about the other org's things", aboutThem, calls)
	if aboutThem < 30 {
		t.Errorf("only %d calls were about the other org's things", aboutThem)
	}
	prove.Count(t, calls, "routes × callers")
}

// elsewhere is the request about things that nobody has, and whether that is another one.
func elsewhere(w *apitest.World, r request, theirs map[string]bool) (request, bool) {
	raw, err := json.Marshal(r.body)
	if err != nil {
		w.Fatal(err)
	}
	swap := func(id string) string {
		if theirs[id] {
			return w.NoID()
		}
		return id
	}
	body := anID.ReplaceAllStringFunc(string(raw), swap)
	unknown := request{id: swap(r.id), body: body}
	if r.body == nil {
		unknown.body = nil
	}
	return unknown, unknown.id != r.id || body != string(raw)
}

// Wherever a request of a member can hold an id, one of another org is answered as one that
// nothing has.
func TestTenants_foreignIDsInEveryPlace(t *testing.T) {
	w := apitest.Alone(t)
	victim, own := scene{w.Cast()}, scene{w.Cast()}
	foreign := thingsOf(victim)
	before, places, compared := estate(w, victim.Owner.OrgID), placesOf(w), 0
	for _, d := range decisions {
		if d.audience != members || d.endsTheScene() && d.call != "POST /v1/org/transfer" {
			continue
		}
		for _, p := range places[d.call] {
			if p.in == "header" || !prove.Long() && !p.mayBeAnID() {
				continue
			}
			s := own
			if strings.Contains(d.call, "/keys/") { // of which nobody holds more than forty
				s = scene{w.Cast()}
			}
			for kind, id := range foreign {
				compared++
				got, want := d.blind(t, s, p, id), d.blind(t, s, p, w.NoID())
				if got != want {
					t.Errorf("%s with the %s of another org at %s, and with none:\n%s\n%s", d.call, kind, p, got, want)
				}
			}
		}
	}
	wantUntouched(t, before, estate(w, victim.Owner.OrgID))
	if compared < 100 {
		t.Errorf("only %d places were tried", compared)
	}
	prove.Count(t, compared, "foreign ids tried")
}

// thingsOf are ids of each kind of thing that an org has.
func thingsOf(s scene) map[string]string {
	_, key := s.Member.WithKey("inference")
	return map[string]string{
		"team": s.Owner.TeamID, "member": s.Member.ID, "key": key, "invitation": anInvitation(s), "org": s.Owner.OrgID,
	}
}

// mayBeAnID tells by the name of a place whether what it takes may be an id.
func (p place) mayBeAnID() bool {
	last := p.name[strings.LastIndex(p.name, ".")+1:]
	return strings.HasSuffix(last, "id") || slices.Contains([]string{"actor", "target", "cursor", "q", "confirm"}, last)
}

// blind is the answer to the owner's request with the value at the place, less what is bound
// to differ: ids and times.
func (d decision) blind(t *testing.T, s scene, p place, value string) string {
	t.Helper()
	method, path, body, headers, _ := d.with(t, d.send(s, s.Owner), p, nastyText("an id", value))
	r := s.Owner.Do(method, path, body, headers...)
	if r.Status >= 500 {
		t.Errorf("%s: %d: %s", d.call, r.Status, r.Body)
	}
	if made := r.Get("id"); d.call == "POST /v1/keys" && made != "" {
		s.Owner.Do("DELETE", "/v1/keys/"+made, nil).Want(204)
	}
	return fmt.Sprint(label(r), " ", string(differing.ReplaceAll(bytes.ReplaceAll(r.Body, []byte(value), nil), nil)))
}

var differing = regexp.MustCompile(anID.String() + `|\d{4}-\d\d-\d\dT[0-9:.]+Z|sk-nemo-\w+|"(start|end)":"\w*"|[\w.]+@example\.com`)
