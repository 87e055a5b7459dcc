package pages_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// decision is one thing that a page serves, what its form or query holds, made afresh for
// each caller, and what each role gets.
type decision struct {
	ask                          string // as in served
	owner, admin, member, viewer int
	send                         func(c apitest.Cast, by *apitest.Person) []string
}

func (d decision) of(role string) int {
	return map[string]int{"owner": d.owner, "admin": d.admin, "member": d.member, "viewer": d.viewer}[role]
}

type sending = func(apitest.Cast, *apitest.Person) []string

func with(namesAndValues ...string) sending {
	return func(apitest.Cast, *apitest.Person) []string { return namesAndValues }
}

// about is with, and the id of a thing that is made for it.
func about(thing func(apitest.Cast, *apitest.Person) string, namesAndValues ...string) sending {
	return func(c apitest.Cast, by *apitest.Person) []string {
		return append([]string{"id", thing(c, by)}, namesAndValues...)
	}
}

func aMate(c apitest.Cast, _ *apitest.Person) string { return c.Owner.Hire("member").ID }
func aGuest(c apitest.Cast, _ *apitest.Person) string {
	return c.Owner.Invite(apitest.Address("guest"), "member")
}
func aTeam(c apitest.Cast, _ *apitest.Person) string {
	return c.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
}

// aKey is one that the caller holds, or, for viewers, who hold none, the member: forms to
// change such a key are not there for them.
func aKey(c apitest.Cast, by *apitest.Person) string {
	if by.ID == c.Viewer.ID {
		by = c.Member
	}
	_, id := c.Owner.WithKeyFor(by, "inference")
	return id
}

// limited is a thing that has a budget.
func limited(scope string, thing func(apitest.Cast, *apitest.Person) string) func(apitest.Cast, *apitest.Person) string {
	return func(c apitest.Cast, by *apitest.Person) string {
		id := thing(c, by)
		limits(c.Owner, scope, id, "1")
		return id
	}
}

func theOrg(c apitest.Cast, _ *apitest.Person) string { return c.Owner.OrgID }

func slugOf(c apitest.Cast) string { return strings.TrimPrefix(browse(c.Owner).base, "/") }

var limit = []string{"limit_usd", "1", "period", "month"}

// decisions is every role against everything that the pages of an org serve. What has no row
// here fails the test.
var decisions = []decision{
	{"GET /{org}/team", 200, 200, 200, 200, with()},
	{"GET /{org}/team role", 200, 200, 403, 403, about(aMate)},
	{"GET /{org}/team remove", 200, 200, 403, 403, about(aMate)},
	{"GET /{org}/team transfer", 200, 403, 403, 403, about(aMate)},
	{"GET /{org}/team leave", 409, 200, 200, 200, with()},
	{"GET /{org}/team withdraw", 200, 200, 403, 403, about(aGuest)},
	{"GET /{org}/team budget", 200, 200, 403, 403, about(aMate)},
	{"GET /{org}/team unbudget", 200, 200, 403, 403, about(limited("member", aMate))},
	{"POST /{org}/team invite", 303, 303, 403, 403, func(apitest.Cast, *apitest.Person) []string {
		return []string{"people", apitest.Address("new"), "role", "viewer"}
	}},
	{"POST /{org}/team resend", 303, 303, 403, 403, about(aGuest)},
	{"POST /{org}/team withdraw", 303, 303, 403, 403, about(aGuest)},
	{"POST /{org}/team role", 303, 303, 403, 403, about(aMate, "role", "viewer")},
	{"POST /{org}/team remove", 303, 303, 403, 403, about(aMate)},
	{"POST /{org}/team transfer", 303, 403, 403, 403, about(aMate)},
	{"POST /{org}/team leave", 409, 303, 303, 303, with()},
	{"POST /{org}/team budget", 303, 303, 403, 403, about(aMate, limit...)},
	{"POST /{org}/team unbudget", 303, 303, 403, 403, about(limited("member", aMate))},

	{"GET /{org}/keys", 200, 200, 200, 200, with()},
	{"GET /{org}/keys create", 200, 200, 200, 403, with()},
	{"GET /{org}/keys edit", 200, 200, 200, 404, about(aKey)},
	{"GET /{org}/keys rotate", 200, 200, 200, 404, about(aKey)},
	{"GET /{org}/keys revoke", 200, 200, 200, 404, about(aKey)},
	{"GET /{org}/keys budget", 200, 200, 403, 403, about(aKey)},
	{"GET /{org}/keys unbudget", 200, 200, 403, 403, about(limited("key", aKey))},
	{"POST /{org}/keys create", 200, 200, 200, 403, with("name", "laptop", "scopes", "inference")},
	{"POST /{org}/keys edit", 303, 303, 303, 404, about(aKey, "name", "phone")},
	{"POST /{org}/keys rotate", 200, 200, 200, 403, about(aKey, "grace_seconds", "0")},
	{"POST /{org}/keys revoke", 303, 303, 303, 403, about(aKey)},
	{"POST /{org}/keys budget", 303, 303, 403, 403, about(aKey, limit...)},
	{"POST /{org}/keys unbudget", 303, 303, 403, 403, about(limited("key", aKey))},

	{"GET /{org}/spend", 200, 200, 200, 200, with()},
	{"GET /{org}/spend budget", 200, 200, 403, 403, with()},
	{"GET /{org}/spend unbudget", 200, 200, 403, 403, about(limited("org", theOrg))},
	{"POST /{org}/spend budget", 303, 303, 403, 403, about(theOrg, limit...)},
	{"POST /{org}/spend unbudget", 303, 303, 403, 403, about(limited("org", theOrg))},

	{"GET /{org}/teams", 200, 200, 200, 200, with()},
	{"GET /{org}/teams rename", 200, 200, 403, 403, about(aTeam)},
	{"GET /{org}/teams delete", 200, 200, 403, 403, about(aTeam)},
	{"GET /{org}/teams budget", 200, 200, 403, 403, about(aTeam)},
	{"GET /{org}/teams unbudget", 200, 200, 403, 403, about(limited("team", aTeam))},
	{"POST /{org}/teams create", 303, 303, 403, 403, with("name", "Research")},
	{"POST /{org}/teams rename", 303, 303, 403, 403, about(aTeam, "name", "Design")},
	{"POST /{org}/teams delete", 303, 303, 403, 403, about(aTeam)},
	{"POST /{org}/teams budget", 303, 303, 403, 403, about(aTeam, limit...)},
	{"POST /{org}/teams unbudget", 303, 303, 403, 403, about(limited("team", aTeam))},

	{"GET /{org}/billing", 200, 403, 403, 200, with()},
	{"GET /{org}/audit", 200, 200, 403, 200, with()},

	{"GET /{org}/settings", 200, 200, 200, 200, with()},
	{"GET /{org}/settings delete", 200, 403, 403, 403, with()},
	{"GET /{org}/settings sign-out-everywhere", 200, 200, 200, 200, with()},
	{"POST /{org}/settings name", 303, 303, 303, 303, with("name", "Somebody")},
	{"POST /{org}/settings org", 303, 303, 403, 403, func(c apitest.Cast, _ *apitest.Person) []string {
		return []string{"name", "Acme Labs", "slug", slugOf(c)}
	}},
	{"POST /{org}/settings delete", 303, 403, 403, 403, func(c apitest.Cast, _ *apitest.Person) []string {
		return []string{"confirm", slugOf(c)}
	}},
	{"POST /{org}/settings sign-out", 303, 303, 303, 303, with()},
	{"POST /{org}/settings sign-out-everywhere", 303, 303, 303, 303, with()},
}

// endsTheScene reports whether what is served leaves somebody without a session or a role.
func (d decision) endsTheScene() bool {
	switch d.ask {
	case "POST /{org}/team transfer", "POST /{org}/team leave", "POST /{org}/settings delete",
		"POST /{org}/settings sign-out", "POST /{org}/settings sign-out-everywhere":
		return true
	}
	return false
}

// do asks for it below a base, as a browser does.
func (d decision) do(b browser, namesAndValues []string, headers ...string) *apitest.Reply {
	method, rest, _ := strings.Cut(d.ask, " ")
	path, do, _ := strings.Cut(strings.TrimPrefix(rest, "/{org}"), " ")
	form := url.Values{}
	if do != "" {
		form.Set("do", do)
	}
	for i := 0; i < len(namesAndValues); i += 2 {
		form.Set(namesAndValues[i], namesAndValues[i+1])
	}
	if method == "GET" {
		return b.Browse(method, b.base+path+"?"+form.Encode(), "", headers...)
	}
	return b.Browse(method, b.base+path, form.Encode(), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
}

// Whatever the pages of an org serve has a row.
func TestBoard_everythingHasADecision(t *testing.T) {
	decided := map[string]bool{}
	for _, d := range decisions {
		decided[d.ask] = true
	}
	n := 0
	for _, ask := range served(t) {
		if !strings.Contains(ask, "/{org}/") {
			continue
		}
		n++
		if !decided[ask] {
			t.Errorf("%s is served, but nothing says to whom: add a row to decisions", ask)
		}
		delete(decided, ask)
	}
	for ask := range decided {
		t.Errorf("%s is decided, and not served", ask)
	}
	if n < 40 {
		t.Errorf("only %d things were found in the code", n)
	}
}
