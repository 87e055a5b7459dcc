package pages_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// pages are all that can be read without an id, and what each role is let do on them.
var boardPages = []struct {
	path   string
	offers map[string]string // by role; a missing role may not see the page
}{
	{"/team", map[string]string{
		"owner": "budget create invite remove role sign-out transfer unbudget", "admin": "budget create invite leave remove role sign-out unbudget",
		"member": "leave sign-out", "viewer": "leave sign-out"}},
	{"/team?view=invitations", map[string]string{
		"owner": "invite resend sign-out withdraw", "admin": "invite resend sign-out withdraw", "viewer": "sign-out"}},
	{"/keys", map[string]string{
		"owner": "budget create edit revoke rotate sign-out unbudget", "admin": "budget create edit revoke rotate sign-out unbudget",
		"member": "create edit revoke rotate sign-out", "viewer": "sign-out"}},
	{"/spend", map[string]string{
		"owner": "budget sign-out unbudget", "admin": "budget sign-out unbudget", "member": "sign-out", "viewer": "sign-out"}},
	{"/teams", map[string]string{
		"owner": "budget create delete rename sign-out unbudget", "admin": "budget create delete rename sign-out unbudget", "member": "sign-out", "viewer": "sign-out"}},
	{"/billing", map[string]string{"owner": "sign-out", "viewer": "sign-out"}},
	{"/audit", map[string]string{"owner": "sign-out", "admin": "sign-out", "viewer": "sign-out"}},
	{"/settings", map[string]string{
		"owner": "delete name org sign-out sign-out-everywhere", "admin": "leave name org sign-out sign-out-everywhere",
		"member": "leave name sign-out sign-out-everywhere", "viewer": "leave name sign-out sign-out-everywhere"}},
}

// castWithThings is an org in which there is something to do on every page.
func castWithThings(t *testing.T) apitest.Cast {
	cast := apitest.New(t).Cast()
	cast.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	cast.Owner.Invite(apitest.Address("guest"), "member")
	cast.Member.Do("POST", "/v1/keys", apitest.Map{"name": "laptop"}).Want(201)
	key := spends(cast.Member, "gpt-4o", "0.25")
	limits(cast.Owner, "org", cast.Owner.OrgID, "1")
	limits(cast.Owner, "team", cast.Owner.TeamID, "1")
	limits(cast.Owner, "member", cast.Member.ID, "1")
	limits(cast.Owner, "key", key, "1")
	return cast
}

var roles = []string{"owner", "admin", "member", "viewer"}

func TestBoard_offersWhatTheRoleMayAndNothingElse(t *testing.T) {
	cast := castWithThings(t)
	for _, role := range roles {
		b := browse(cast.As(role))
		for _, p := range boardPages {
			r := b.open(p.path)
			want, may := p.offers[role]
			if !may {
				says(t, r.Want(403), "Not with your role")
				continue
			}
			r.Want(200)
			do, hrefs := offered(r)
			if got := strings.Join(slices.Sorted(maps.Keys(do)), " "); got != want {
				t.Errorf("%s on %s may do %q, want %q", role, p.path, got, want)
			}
			for _, href := range hrefs {
				if !strings.HasPrefix(href, b.base+"/") {
					continue
				}
				if r := b.Browse("GET", href, ""); r.Status != 200 {
					t.Errorf("%s on %s is led to %s, which answers %d", role, p.path, href, r.Status)
				}
			}
		}
	}
}

// Whoever makes up a form, or the page before it, that their role does not get, is refused.
func TestBoard_refusesWhatIsNotOffered(t *testing.T) {
	cast := castWithThings(t)
	invitation := cast.Owner.List("/v1/invitations?status=pending")[0]["id"].(string)
	key := cast.Member.List("/v1/keys")[0]["id"].(string)
	team := cast.Owner.List("/v1/teams")[1]["id"].(string)
	before := len(cast.Owner.List("/v1/audit"))
	for _, c := range []struct {
		role, page string
		form       []string
		status     int
	}{
		{"member", "/team", []string{"do", "invite", "people", "x@example.com", "role", "member"}, 403},
		{"viewer", "/team", []string{"do", "invite", "people", "x@example.com", "role", "member"}, 403},
		{"viewer", "/team", []string{"do", "resend", "id", invitation}, 403},
		{"viewer", "/team", []string{"do", "withdraw", "id", invitation}, 403},
		{"member", "/team", []string{"do", "withdraw", "id", invitation}, 403},
		{"member", "/team", []string{"do", "role", "id", cast.Viewer.ID, "role", "member"}, 403},
		{"member", "/team", []string{"do", "remove", "id", cast.Viewer.ID}, 403},
		{"admin", "/team", []string{"do", "remove", "id", cast.Owner.ID}, 409},
		{"admin", "/team", []string{"do", "role", "id", cast.Owner.ID, "role", "viewer"}, 409},
		{"admin", "/team", []string{"do", "role", "id", cast.Member.ID, "role", "owner"}, 403},
		{"admin", "/team", []string{"do", "transfer", "id", cast.Admin.ID}, 403},
		{"owner", "/team", []string{"do", "leave"}, 409},
		{"owner", "/team", []string{"do", "transfer", "id", cast.Owner.NoID()}, 404},
		{"viewer", "/keys", []string{"do", "create", "name", "x", "scopes", "inference"}, 403},
		{"viewer", "/keys", []string{"do", "revoke", "id", key}, 403},
		{"member", "/keys", []string{"do", "create", "name", "x", "scopes", "inference", "user", cast.Admin.ID}, 403},
		{"admin", "/keys", []string{"do", "create", "name", "x", "scopes", "manage", "user", cast.Owner.ID}, 403},
		{"member", "/spend", []string{"do", "budget", "limit_usd", "1", "period", "month"}, 403},
		{"viewer", "/spend", []string{"do", "unbudget"}, 403},
		{"owner", "/spend", []string{"do", "nonsense"}, 400},
		{"member", "/keys", []string{"do", "budget", "id", key, "limit_usd", "1", "period", "month"}, 403},
		{"viewer", "/teams", []string{"do", "budget", "id", team, "limit_usd", "1", "period", "month"}, 403},
		{"member", "/team", []string{"do", "unbudget", "id", cast.Member.ID}, 403},
		{"owner", "/teams", []string{"do", "budget", "id", cast.Owner.NoID(), "limit_usd", "1", "period", "month"}, 404},
		{"member", "/teams", []string{"do", "create", "name", "x"}, 403},
		{"viewer", "/teams", []string{"do", "rename", "id", team, "name", "x"}, 403},
		{"member", "/teams", []string{"do", "delete", "id", team}, 403},
		{"owner", "/teams", []string{"do", "delete", "id", cast.Owner.TeamID}, 409},
		{"member", "/settings", []string{"do", "org", "name", "x", "slug", "xxx"}, 403},
		{"admin", "/settings", []string{"do", "delete", "confirm", "x"}, 403},
		{"owner", "/settings", []string{"do", "delete", "confirm", "x"}, 422},
		{"owner", "/team", []string{"do", "nonsense"}, 400},
		{"owner", "/keys", nil, 400},
	} {
		r := browse(cast.As(c.role)).send(c.page, c.form...)
		if r.Status != c.status {
			t.Errorf("%s: %v: %d, want %d", c.role, c.form, r.Status, c.status)
		}
		if ct := r.Header.Get("Content-Type"); ct != "text/html; charset=utf-8" {
			t.Errorf("%v came as %q", c.form, ct)
		}
	}
	for _, path := range []string{"/team?do=remove&id=" + cast.Viewer.ID, "/team?do=transfer&id=" + cast.Viewer.ID,
		"/team?do=withdraw&id=" + invitation, "/teams?do=delete&id=" + team, "/settings?do=delete", "/spend?do=budget", "/spend?do=unbudget",
		"/teams?do=budget&id=" + team, "/keys?do=budget&id=" + key, "/team?do=unbudget&id=" + cast.Member.ID, "/billing"} {
		if r := browse(cast.Member).open(path); r.Status != 403 {
			t.Errorf("a member reads %s: %d", path, r.Status)
		}
	}
	if after := len(cast.Owner.List("/v1/audit")); after != before {
		t.Errorf("%d entries were written", after-before)
	}
}

func TestBoard_signedOut(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	for _, p := range boardPages {
		r := anonymous(cast.Owner.World, "GET", b.base+p.path).Want(303)
		if to := r.Header.Get("Location"); to != "/signin?why=session" {
			t.Errorf("%s sends to %s", p.path, to)
		}
	}
	anonymous(cast.Owner.World, "POST", b.base+"/team").Want(303)
	says(t, anonymous(cast.Owner.World, "GET", "/signin?why=session").Want(200), "Sign in to see this page")
	silent(t, anonymous(cast.Owner.World, "GET", "/signin?why=Call+us").Want(200), "Call us")
	key, _ := cast.Owner.WithKey("manage")
	if r := (browser{key, b.base}).open("/team"); r.Status != 303 {
		t.Errorf("a key in the cookie opens the page: %d", r.Status)
	}
	if to := cast.Owner.Browse("GET", "/", "").Want(303).Header.Get("Location"); to != b.base+"/team" {
		t.Errorf("who is in is sent home to %s", to)
	}
}

// The pages of another org answer as those of none, to the byte.
func TestBoard_otherOrgs(t *testing.T) {
	w := apitest.New(t)
	acme, other := browse(w.SignUp("Acme")), browse(w.SignUp("Other"))
	for _, p := range boardPages {
		theirs, nobodys := acme.Browse("GET", other.base+p.path, ""), acme.Browse("GET", "/no-such-org"+p.path, "")
		theirs.Want(404)
		if nobodys.Status != 404 || string(theirs.Body) != string(nobodys.Body) {
			t.Errorf("%s tells another org from none:\n%s\n%s", p.path, theirs.Body, nobodys.Body)
		}
		acme.Browse("GET", "/v1"+strings.Split(p.path, "?")[0]+"x", "").Want(404)
	}
	mate := other.Hire("member")
	for _, do := range []string{"role", "remove", "transfer"} {
		if r := acme.open("/team?do=" + do + "&id=" + mate.ID); r.Status != 404 {
			t.Errorf("%s of another org's member: %d", do, r.Status)
		}
	}
	acme.send("/team", "do", "remove", "id", mate.ID).Want(404)
	mate.Do("GET", "/v1/me", nil).Want(200)
}
