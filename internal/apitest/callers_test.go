package apitest_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// outsider is a caller whom only public routes serve, and what others answer.
type outsider struct {
	name string
	*apitest.Person
	status int
	code   string
}

// outsiders are all whose credentials are no good, or not for this. The cast that they are
// beside has good sessions: those of its first day are over.
func outsiders(w *apitest.World) (apitest.Cast, []outsider) {
	w.Helper()
	cast := w.Cast()
	expired := cast.Owner
	_, temporary := newKeyOf(cast.Owner, apitest.Map{"scopes": []string{"manage"}, "expires_at": w.Clock.Now().Add(time.Hour)})
	w.Clock.Advance(sessions.Lifetime)
	for _, p := range []**apitest.Person{&cast.Owner, &cast.Admin, &cast.Member, &cast.Viewer} {
		*p = (*p).SignIn()
	}
	inference, _ := cast.Owner.WithKey("inference")
	callers := []outsider{{"a key without the scope manage", inference, http.StatusForbidden, "scope_missing"}}
	for name, p := range map[string]*apitest.Person{
		"nobody":                     w.Stranger(),
		"an expired session":         expired,
		"an expired key":             temporary,
		"the gateway's token":        w.Gateway(),
		"a made-up key":              impostor(w, "sk-nemo-"+strings.Repeat("0", 43)),
		"a made-up session":          impostor(w, cast.Owner.Token[:len(cast.Owner.Token)-1]+"!"),
		"one's secret, another's id": impostor(w, spliced(cast.Member.Token, cast.Owner.Token)),
		"a hash":                     impostor(w, strings.Repeat("0", 64)),
	} {
		callers = append(callers, outsider{name, p, http.StatusUnauthorized, "unauthorized"})
	}
	for name, p := range former(cast) {
		callers = append(callers, outsider{name, p, http.StatusUnauthorized, "unauthorized"})
	}
	return cast, callers
}

// former are callers whose credentials were good until somebody ended them.
func former(cast apitest.Cast) map[string]*apitest.Person {
	owner := cast.Owner
	owner.Helper()
	signedOut := owner.SignIn()
	signedOut.Do("DELETE", "/v1/sessions/current", nil).Want(204)
	lost := owner.Hire("admin")
	lost.SignIn().Do("DELETE", "/v1/sessions", nil).Want(204)
	revoked, revokedID := owner.WithKey("manage")
	owner.Do("DELETE", "/v1/keys/"+revokedID, nil).Want(204)
	replaced, replacedID := owner.WithKey("manage")
	rotate(owner, replacedID, 0)
	removed := owner.Hire("admin")
	owner.Do("DELETE", "/v1/members/"+removed.ID, nil).Want(204)
	leaver := owner.Hire("admin")
	left, _ := leaver.WithKey("manage")
	leaver.Do("POST", "/v1/members/me/leave", nil).Want(204)
	demoted, _ := owner.Hire("admin").WithKey("manage")
	owner.Do("PATCH", "/v1/members/"+demoted.ID, apitest.Map{"role": "viewer"}).Want(200)
	founder := owner.SignUp("Gone")
	keyOfNone, _ := founder.WithKey("manage")
	founder.Do("DELETE", "/v1/org", apitest.Map{"confirm": founder.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
	return map[string]*apitest.Person{
		"a signed-out session":            signedOut,
		"a session ended from elsewhere":  lost,
		"a revoked key":                   revoked,
		"a key that was rotated":          replaced,
		"a removed member's session":      removed,
		"a former member's key":           left,
		"a viewer's key, once an admin's": demoted,
		"a session of a deleted org":      founder,
		"a key of a deleted org":          keyOfNone,
	}
}

// newKeyOf makes a key with more than a name, and returns its id and its holder using it.
func newKeyOf(p *apitest.Person, fields apitest.Map) (id string, using *apitest.Person) {
	plain, id := p.NewKey(fields)
	again := *p
	again.Token = plain
	return id, &again
}

// impostor calls with a token of their own making.
func impostor(w *apitest.World, token string) *apitest.Person {
	p := w.Stranger()
	p.Token = token
	return p
}

// spliced is a session token with the ids of one and the secret of another.
func spliced(secretOf, idsOf string) string {
	cut := len("nemo_session_") + 64 // three ids of 16 bytes in base64
	return idsOf[:cut] + secretOf[cut:]
}

// Whoever is not let in gets the same refusal from every route, whatever they ask for, and
// changes nothing, although everything that they ask for is there.
func TestCallers_outsiders(t *testing.T) {
	w := apitest.Alone(t)
	cast, callers := outsiders(w)
	s, asked := scene{cast}, map[string]request{}
	for _, d := range decisions {
		if d.audience != public {
			asked[d.call] = d.rightly(s, d.caller(s))
		}
	}
	before, calls := w.Items(), 0
	for _, d := range decisions {
		for _, c := range callers {
			if d.audience == public || d.audience == gateway && c.Token == w.Gateway().Token {
				continue
			}
			want := fmt.Sprint(c.status, " ", c.code)
			if d.audience == gateway {
				want = "401 unauthorized"
			}
			calls++
			r := d.do(c.Person, asked[d.call])
			if label(r) != want {
				t.Errorf("%s with %s: got %s, want %s", d.call, c.name, label(r), want)
			}
			if r.Status == http.StatusUnauthorized && r.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Errorf("%s with %s: no WWW-Authenticate", d.call, c.name)
			}
			if r.Code() == "scope_missing" && !strings.Contains(r.Get("detail"), "manage") {
				t.Errorf("%s does not name the scope: %s", d.call, r.Body)
			}
		}
	}
	wantUntouched(t, before, w.Items())
	prove.Count(t, calls, "routes × callers")
	for _, d := range decisions { // those who may would have been served
		if d.audience != public && !d.endsTheScene() {
			if r := d.do(d.caller(s), asked[d.call]); r.Status >= 300 {
				t.Errorf("%s refuses whom it is for, so it proves nothing: %d %s", d.call, r.Status, r.Body)
			}
		}
	}
}

// What is public is the same for everybody, also for those with credentials that are no good.
func TestCallers_publicRoutes(t *testing.T) {
	w := apitest.New(t)
	cast, callers := outsiders(w)
	calls := 0
	for _, d := range decisions {
		for _, c := range callers {
			if d.audience == public {
				calls++
				if r := d.do(c.Person, d.send(scene{cast}, cast.Owner)); r.Status != d.owner {
					t.Errorf("%s with %s: got %d, want %d: %s", d.call, c.name, r.Status, d.owner, r.Body)
				}
			}
		}
	}
	prove.Count(t, calls, "routes × callers")
}

// A key with the scope manage does what its holder may, no more and no less. Viewers have
// none.
func TestCallers_keysActAsTheirHolders(t *testing.T) {
	w := apitest.New(t)
	shared, calls := scene{w.Cast()}, 0
	for _, role := range []string{"member", "admin", "owner"} {
		common, _ := shared.As(role).WithKey("manage")
		for _, d := range decisions {
			s, key := shared, common
			if d.endsTheScene() {
				s = scene{w.Cast()}
				key, _ = s.As(role).WithKey("manage")
			}
			want := d.of(role)
			if d.call == "DELETE /v1/sessions/current" {
				want = http.StatusConflict // there is none
			}
			calls++
			if r := d.do(key, d.send(s, key)); r.Status != want {
				t.Errorf("%s with a key of the %s: got %d, want %d: %s", d.call, role, r.Status, want, r.Body)
			}
		}
	}
	prove.Count(t, calls, "routes × callers")
}

// wantUntouched fails the test unless both are the same.
func wantUntouched(t testing.TB, before, after map[string]string) {
	t.Helper()
	for _, key := range slices.Sorted(maps.Keys(after)) {
		if before[key] != after[key] {
			t.Errorf("%s was\n%s\nand is\n%s", key, before[key], after[key])
		}
	}
	for key := range before {
		if _, is := after[key]; !is {
			t.Errorf("%s is gone", key)
		}
	}
}
