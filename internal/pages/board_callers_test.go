package pages_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// Everything that the pages of an org serve, for each role.
func TestBoard_everyRoleOnEverything(t *testing.T) {
	w := apitest.New(t)
	shared := w.Cast()
	for _, d := range decisions {
		t.Run(d.ask, func(t *testing.T) {
			cast := shared.In(t)
			if d.endsTheScene() {
				cast = w.In(t).Cast()
			}
			for _, role := range []string{"viewer", "member", "admin", "owner"} { // who can do most harm comes last
				by := cast.As(role)
				if r := d.do(browse(by), d.send(cast, by)); r.Status != d.of(role) {
					t.Fatalf("%s got %d, want %d: %s", role, r.Status, d.of(role), r.Body)
				}
			}
		})
	}
	prove.Count(t, len(decisions)*len(roles), "pages × callers")
}

// outsiders are those in whose browser nothing opens an org's pages. The cast has sessions
// of another day.
func outsiders(w *apitest.World) (apitest.Cast, map[string]*apitest.Person) {
	w.Helper()
	cast := w.Cast()
	expired := cast.Owner
	w.Clock.Advance(sessions.Lifetime)
	for _, p := range []**apitest.Person{&cast.Owner, &cast.Admin, &cast.Member, &cast.Viewer} {
		*p = (*p).SignIn()
	}
	owner := cast.Owner
	signedOut := owner.SignIn()
	signedOut.Do("DELETE", "/v1/sessions/current", nil).Want(204)
	lost := owner.Hire("admin")
	lost.SignIn().Do("DELETE", "/v1/sessions", nil).Want(204)
	removed, left := owner.Hire("admin"), owner.Hire("admin")
	owner.Do("DELETE", "/v1/members/"+removed.ID, nil).Want(204)
	left.Do("POST", "/v1/members/me/leave", nil).Want(204)
	key, _ := owner.WithKey("manage")
	forged := w.Stranger()
	forged.Token = owner.Token[:len(owner.Token)-1] + "!"
	return cast, map[string]*apitest.Person{
		"nobody": w.Stranger(), "an expired session": expired, "a signed-out session": signedOut,
		"a session ended from elsewhere": lost, "a removed member": removed, "a former member": left,
		"a key in the cookie": key, "the gateway's token in the cookie": w.Gateway(), "a made-up session": forged,
	}
}

// Whoever is not signed in is sent to sign in from everywhere, and a form of another site is
// refused even from the owner's browser. Neither changes anything.
func TestBoard_outsidersOnEverything(t *testing.T) {
	w := apitest.Alone(t)
	cast, callers := outsiders(w)
	base, asked := browse(cast.Owner).base, map[string][]string{}
	for _, d := range decisions {
		asked[d.ask] = d.send(cast, cast.Owner)
	}
	before, calls := w.Items(), 0
	for _, d := range decisions {
		for name, p := range callers {
			calls++
			r := d.do(browser{p, base}, asked[d.ask])
			if to := r.Header.Get("Location"); r.Status != http.StatusSeeOther || to != "/signin?why=session" {
				t.Errorf("%s by %s: %d, sent to %q", d.ask, name, r.Status, to)
			}
		}
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			if strings.HasPrefix(d.ask, "POST") {
				calls++
				if r := d.do(browser{cast.Owner, base}, asked[d.ask], header...); r.Status != http.StatusForbidden {
					t.Errorf("%s from another site: %d", d.ask, r.Status)
				}
			}
		}
	}
	wantUntouched(t, before, w.Items())
	prove.Count(t, calls, "pages × callers")
	for _, d := range decisions { // the owner would have been served
		if d.endsTheScene() {
			continue
		}
		if r := d.do(browser{cast.Owner, base}, asked[d.ask]); r.Status != d.owner {
			t.Errorf("%s refuses the owner, so it proves nothing: %d", d.ask, r.Status)
		}
	}
}

// The owner of another org finds nothing of this one: not below its slug, and not by its
// things' ids below their own. Each is answered, to the byte, as what does not exist.
func TestBoard_anotherOwnerOnEverything(t *testing.T) {
	w := apitest.Alone(t)
	victim := w.Cast()
	base, asked := browse(victim.Owner).base, map[string][]string{}
	for _, d := range decisions {
		asked[d.ask] = d.send(victim, victim.Owner)
	}
	before, calls, aboutThem := w.Items(), 0, 0
	for _, d := range decisions {
		intruder := browse(w.SignUp("Elsewhere"))
		calls++
		theirs := d.do(browser{intruder.Person, base}, asked[d.ask])
		nobodys := d.do(browser{intruder.Person, "/no-such-org"}, asked[d.ask])
		if theirs.Status != http.StatusNotFound || withoutIDs(theirs) != withoutIDs(nobodys) {
			t.Errorf("%s tells another org from none:\n%s\n%s", d.ask, withoutIDs(theirs), withoutIDs(nobodys))
		}
		if len(asked[d.ask]) == 0 || asked[d.ask][0] != "id" || strings.Contains(d.ask, "/spend") { // whose thing is the org
			continue
		}
		aboutThem++
		unknown := slices.Clone(asked[d.ask])
		unknown[1] = w.NoID()
		foreign, none := d.do(intruder, asked[d.ask]), d.do(intruder, unknown)
		if foreign.Status != http.StatusNotFound || withoutIDs(foreign) != withoutIDs(none) {
			t.Errorf("%s tells a foreign id from an unknown one:\n%s\n%s", d.ask, withoutIDs(foreign), withoutIDs(none))
		}
	}
	after := w.Items()
	maps.DeleteFunc(after, func(key, _ string) bool { _, was := before[key]; return !was })
	wantUntouched(t, before, after)
	if aboutThem < 20 {
		t.Errorf("only %d forms were about the other org's things", aboutThem)
	}
	prove.Count(t, calls+aboutThem, "pages × callers")
}

var varying = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`)

// withoutIDs is an answer without what is bound to differ.
func withoutIDs(r *apitest.Reply) string {
	return http.StatusText(r.Status) + "\n" + varying.ReplaceAllString(string(r.Body), "ID")
}

// wantUntouched fails the test unless both are the same.
func wantUntouched(t *testing.T, before, after map[string]string) {
	t.Helper()
	for key := range maps.Keys(before) {
		if before[key] != after[key] {
			t.Errorf("%s was\n%s\nand is\n%s", key, before[key], after[key])
		}
	}
	if len(after) > len(before) {
		t.Errorf("%d items became %d", len(before), len(after))
	}
}

// No form of the pages before the sign-in takes what another site sends, though the link in
// it be good.
func TestPublic_refusesEveryFormOfOtherSites(t *testing.T) {
	w := apitest.Alone(t)
	owner, guest, founder := w.SignUp("Acme"), apitest.Address("guest"), apitest.Address("founder")
	owner.Invite(guest, "member")
	w.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": owner.Email}).Want(202)
	w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": founder, "org_name": "New"}).Want(202)
	tokens := map[string]string{"/signin": w.Mail.Token(owner.Email), "/signup": w.Mail.Token(founder), "/invite": w.Mail.Token(guest)}
	before, tried := w.Items(), 0
	for _, route := range served(t) {
		path, isPost := strings.CutPrefix(route, "POST ")
		if !isPost || strings.Contains(path, "{org}") {
			continue
		}
		for page, token := range tokens {
			if strings.HasPrefix(path, page) {
				path = strings.ReplaceAll(path, "{token}", token)
			}
		}
		for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			r := httptest.NewRequest("POST", path, strings.NewReader("email="+owner.Email+"&org_name=Evil"))
			r.RemoteAddr = apitest.Source()
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			tried++
			w.Send(r).Want(http.StatusForbidden)
		}
	}
	wantUntouched(t, before, w.Items())
	if tried < 12 {
		t.Errorf("only %d forms were tried", tried)
	}
	prove.Count(t, tried, "pages × callers")
	w.Join(guest) // the link was good
}
