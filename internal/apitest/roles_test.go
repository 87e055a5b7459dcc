package apitest_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/prove"
)

var roles = []string{"owner", "admin", "member", "viewer"}

// table is section 4 of the design, word for word: each permission and who holds it, in
// the order owner, admin, member, viewer.
var table = []struct{ permissions, holders string }{
	{"org:read, teams:read, members:read, budgets:read", "✓✓✓✓"},
	{"analytics:read", "✓✓✓✓"},
	{"audit:read, keys:read, invitations:read, guardrails:read, prompts:read", "✓✓ ✓"},
	{"playground:run", "✓✓✓ "},
	{"keys:manage_own", "✓✓✓ "},
	{"keys:manage", "✓✓  "},
	{"guardrails:manage, prompts:manage, budgets:manage", "✓✓  "},
	{"invitations:manage, members:manage, teams:manage, org:update", "✓✓  "},
	{"billing:read", "✓  ✓"},
	{"billing:manage, org:transfer, org:delete", "✓   "},
}

// held returns what the design gives to a role.
func held(role string) (permissions []string) {
	for _, row := range table {
		if []rune(row.holders)[slices.Index(roles, role)] == '✓' {
			permissions = append(permissions, strings.Split(row.permissions, ", ")...)
		}
	}
	return permissions
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func TestRoles_codeHoldsTheDesignsTable(t *testing.T) {
	all := map[string]bool{}
	for _, role := range roles {
		var got []string
		for _, p := range authz.Role(role).Permissions() {
			got = append(got, string(p))
		}
		if !slices.Equal(sorted(got), sorted(held(role))) {
			t.Errorf("%s holds %q, the design says %q", role, sorted(got), sorted(held(role)))
		}
		for _, p := range got {
			all[p] = true
		}
	}
	if len(all) != len(authz.Table) {
		t.Errorf("the code knows %d permissions, somebody holds %d", len(authz.Table), len(all))
	}
}

func TestRoles_apiTellsTheDesignsTable(t *testing.T) {
	w := apitest.New(t)
	litellm := map[string]string{
		"owner": "proxy_admin", "admin": "org_admin", "member": "internal_user", "viewer": "internal_user_viewer",
	}
	grants := map[string][]string{
		"owner": {"admin", "member", "viewer"}, "admin": {"admin", "member", "viewer"}, "member": {}, "viewer": {},
	}
	var list struct {
		Data []struct {
			Role        string
			LiteLLMRole string `json:"litellm_role"`
			Permissions []string
			CanGrant    []string `json:"can_grant"`
		}
	}
	w.Stranger().Do("GET", "/v1/roles", nil).Want(200).Decode(&list)
	if len(list.Data) != len(roles) {
		t.Fatalf("%d roles", len(list.Data))
	}
	for i, got := range list.Data {
		role := roles[i]
		if got.Role != role || got.LiteLLMRole != litellm[role] {
			t.Errorf("row %d is %s / %s, want %s / %s", i, got.Role, got.LiteLLMRole, role, litellm[role])
		}
		if !slices.Equal(sorted(got.Permissions), sorted(held(role))) {
			t.Errorf("%s holds %q, want %q", role, sorted(got.Permissions), sorted(held(role)))
		}
		if !slices.Equal(got.CanGrant, grants[role]) {
			t.Errorf("%s can grant %q, want %q", role, got.CanGrant, grants[role])
		}
	}
}

func TestRoles_meTellsWhatOneMayDo(t *testing.T) {
	cast := apitest.New(t).Cast()
	for _, role := range roles {
		var me struct {
			Role        string
			Permissions []string
		}
		cast.As(role).Do("GET", "/v1/me", nil).Want(200).Decode(&me)
		if me.Role != role || !slices.Equal(sorted(me.Permissions), sorted(held(role))) {
			t.Errorf("%s is told %s: %q", role, me.Role, me.Permissions)
		}
	}
}

// scene is an org in which one route is tried by everybody.
type scene struct{ apitest.Cast }

// request is what one caller sends.
type request struct {
	id   string // for {id}
	body any
}

// verdict is what each role gets.
type verdict struct{ owner, admin, member, viewer int }

func (v verdict) of(role string) int {
	return map[string]int{"owner": v.owner, "admin": v.admin, "member": v.member, "viewer": v.viewer}[role]
}

func everybody(status int) verdict { return verdict{status, status, status, status} }

// audience is whom a route is for.
type audience int

const (
	members audience = iota // whoever is in an org, as their role allows
	public                  // anybody: everybody gets the same
	gateway                 // the gateway's token alone: nobody else gets in
)

// decision is one route of the API: what to send, made afresh for each caller so that
// nothing but their role decides, and what must come back.
type decision struct {
	call string
	audience
	verdict
	send func(s scene, caller *apitest.Person) request
}

var (
	email  = apitest.Address
	noBody = func(scene, *apitest.Person) request { return request{} }
)

func body(b apitest.Map) func(scene, *apitest.Person) request {
	return func(scene, *apitest.Person) request { return request{body: b} }
}

// Things that a request is about, each made by the owner and used once.
func aTeam(s scene) string {
	return s.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
}
func anInvitation(s scene) string { return s.Owner.Invite(email("guest"), "viewer") }
func aMember(s scene) string      { return s.Owner.Hire("member").ID }

func ofTeam(b any) func(scene, *apitest.Person) request {
	return func(s scene, _ *apitest.Person) request { return request{aTeam(s), b} }
}

// ofBudget is about the budget of a team.
func ofBudget(s scene, _ *apitest.Person) request {
	id := aTeam(s)
	s.Owner.Do("PUT", "/v1/budgets/team/"+id, apitest.Map{"limit_usd": 1}).Want(200)
	return request{id: id}
}

func ofInvitation(s scene, _ *apitest.Person) request { return request{id: anInvitation(s)} }
func ofMember(b any) func(scene, *apitest.Person) request {
	return func(s scene, _ *apitest.Person) request { return request{aMember(s), b} }
}

// ofOwnKey is about a key that the caller holds, or, for viewers, who hold none, the member's.
func ofOwnKey(b any) func(scene, *apitest.Person) request {
	return func(s scene, caller *apitest.Person) request {
		holder := caller
		if caller.ID == s.Viewer.ID || caller.OrgID != s.Owner.OrgID {
			holder = s.Member
		}
		_, id := s.Owner.WithKeyFor(holder, "inference")
		return request{id, b}
	}
}

func invite(scene, *apitest.Person) request {
	return request{body: apitest.Map{"email": email("new"), "role": "viewer"}}
}

var deadLink = body(apitest.Map{"token": "nemo_invite_none"})

// decisions is every role against every route. A route that has no row here fails the test.
var decisions = []decision{
	{"POST /v1/signup", public, everybody(202), func(scene, *apitest.Person) request {
		return request{body: apitest.Map{"email": email("founder"), "org_name": "Another"}}
	}},
	{"POST /v1/signup/confirm", public, everybody(410), deadLink},
	{"POST /v1/sessions", public, everybody(202), func(scene, *apitest.Person) request {
		return request{body: apitest.Map{"email": email("somebody")}}
	}},
	{"POST /v1/sessions/confirm", public, everybody(410), deadLink},
	{"POST /v1/invitations/preview", public, everybody(404), deadLink},
	{"POST /v1/invitations/accept", public, everybody(404), deadLink},
	{"POST /v1/invitations/decline", public, everybody(404), deadLink},
	{"GET /v1/roles", public, everybody(200), noBody},
	{"GET /v1/health", public, everybody(200), noBody},

	{"GET /v1/sessions", members, everybody(200), noBody},
	{"DELETE /v1/sessions/current", members, everybody(204), noBody},
	{"DELETE /v1/sessions", members, everybody(204), noBody},
	{"GET /v1/me", members, everybody(200), noBody},
	{"PATCH /v1/me", members, everybody(200), body(apitest.Map{"name": "Somebody"})},

	{"GET /v1/org", members, everybody(200), noBody},
	{"PATCH /v1/org", members, verdict{200, 200, 403, 403}, body(apitest.Map{"name": "Acme Labs"})},
	{"DELETE /v1/org", members, verdict{204, 403, 403, 403}, func(s scene, _ *apitest.Person) request {
		return request{body: apitest.Map{"confirm": s.Owner.Do("GET", "/v1/org", nil).Get("slug")}}
	}},
	{"POST /v1/org/transfer", members, verdict{200, 403, 403, 403}, func(s scene, _ *apitest.Person) request {
		return request{body: apitest.Map{"user_id": s.Member.ID}}
	}},

	{"GET /v1/teams", members, everybody(200), noBody},
	{"POST /v1/teams", members, verdict{201, 201, 403, 403}, body(apitest.Map{"name": "Research"})},
	{"GET /v1/teams/{id}", members, everybody(200), ofTeam(nil)},
	{"PATCH /v1/teams/{id}", members, verdict{200, 200, 403, 403}, ofTeam(apitest.Map{"name": "Design"})},
	{"DELETE /v1/teams/{id}", members, verdict{204, 204, 403, 403}, ofTeam(nil)},

	{"GET /v1/members", members, everybody(200), noBody},
	{"GET /v1/members/{id}", members, everybody(200), ofMember(nil)},
	{"PATCH /v1/members/{id}", members, verdict{200, 200, 403, 403}, ofMember(apitest.Map{"role": "viewer"})},
	{"DELETE /v1/members/{id}", members, verdict{204, 204, 403, 403}, ofMember(nil)},
	{"POST /v1/members/me/leave", members, verdict{409, 204, 204, 204}, noBody},

	{"GET /v1/invitations", members, verdict{200, 200, 403, 200}, noBody},
	{"GET /api/supabase/invitations", members, verdict{200, 200, 403, 200}, noBody},
	{"POST /v1/invitations", members, verdict{201, 201, 403, 403}, invite},
	{"POST /api/supabase/invitations", members, verdict{201, 201, 403, 403}, invite},
	{"POST /v1/invitations/bulk", members, verdict{200, 200, 403, 403}, func(s scene, p *apitest.Person) request {
		return request{body: apitest.Map{"invitations": []any{invite(s, p).body}}}
	}},
	{"GET /v1/invitations/{id}", members, verdict{200, 200, 403, 200}, ofInvitation},
	{"POST /v1/invitations/{id}/resend", members, verdict{200, 200, 403, 403}, ofInvitation},
	{"DELETE /v1/invitations/{id}", members, verdict{204, 204, 403, 403}, ofInvitation},

	{"GET /v1/keys", members, everybody(200), noBody},
	{"POST /v1/keys", members, verdict{201, 201, 201, 403}, body(apitest.Map{"name": "laptop"})},
	{"GET /v1/keys/{id}", members, everybody(200), ofOwnKey(nil)},
	{"DELETE /v1/keys/{id}", members, verdict{204, 204, 204, 403}, ofOwnKey(nil)},

	{"PATCH /v1/keys/{id}", members, verdict{200, 200, 200, 403}, ofOwnKey(apitest.Map{"name": "phone"})},
	{"POST /v1/keys/{id}/rotate", members, verdict{200, 200, 200, 403}, ofOwnKey(apitest.Map{})},
	{"POST /v1/keys/verify", gateway, everybody(401), body(apitest.Map{"key": "sk-nemo-none"})},
	{"POST /v1/keys/verify/batch", gateway, everybody(401), body(apitest.Map{"keys": []any{apitest.Map{"key": "sk-nemo-none"}}})},

	{"GET /v1/audit", members, verdict{200, 200, 403, 200}, noBody},

	{"GET /v1/spend", members, everybody(200), noBody},
	{"POST /v1/spend/events", gateway, everybody(401), body(apitest.Map{"event_id": "1"})},
	{"GET /v1/budgets", members, everybody(200), noBody},
	{"PUT /v1/budgets/{scope}/{id}", members, verdict{200, 200, 403, 403}, ofTeam(apitest.Map{"limit_usd": 1})},
	{"GET /v1/budgets/{scope}/{id}", members, everybody(200), ofBudget},
	{"DELETE /v1/budgets/{scope}/{id}", members, verdict{204, 204, 403, 403}, ofBudget},
	{"GET /v1/billing", members, verdict{200, 403, 403, 200}, noBody},
	{"GET /v1/billing/ledger", members, verdict{200, 403, 403, 200}, noBody},
	{"POST /v1/billing/credits", gateway, everybody(401), body(apitest.Map{"org_id": "1", "amount_usd": 1})},
}

// endsTheScene reports whether the call, where it is allowed, leaves nobody to go on with.
func (d decision) endsTheScene() bool {
	switch d.call {
	case "DELETE /v1/org", "POST /v1/org/transfer", "POST /v1/members/me/leave", "DELETE /v1/sessions", "DELETE /v1/sessions/current":
		return true
	}
	return false
}

// do sends what the decision says, as the caller.
func (d decision) do(caller *apitest.Person, r request) *apitest.Reply {
	method, path, _ := strings.Cut(d.call, " ")
	return caller.Do(method, strings.NewReplacer("{id}", r.id, "{scope}", "team").Replace(path), r.body, "X-Remote-Addr", apitest.Source())
}

// described is what the API's document says of one route.
type described struct {
	OperationID string              `json:"operationId"`
	Permission  string              `json:"x-permission"`
	Security    []map[string]any    `json:"security"`
	Summary     string              `json:"summary"`
	Tags        []string            `json:"tags"`
	Responses   map[string]struct{} `json:"responses"`
}

// documented returns all operations of the API's document, by method and path.
func documented(w *apitest.World) map[string]described {
	w.Helper()
	var doc struct {
		Paths map[string]map[string]described
	}
	w.Stranger().Do("GET", "/openapi.json", nil).Want(200).Decode(&doc)
	found := map[string]described{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			found[strings.ToUpper(method)+" "+path] = op
		}
	}
	return found
}

func TestRoles_everyRouteHasADecision(t *testing.T) {
	decided := map[string]bool{}
	for _, d := range decisions {
		decided[d.call] = true
	}
	inDocument := documented(apitest.New(t))
	for call := range inDocument {
		if !decided[call] {
			t.Errorf("%s is served, but nothing says who may call it: add a row to decisions", call)
		}
	}
	for call := range decided {
		if _, ok := inDocument[call]; !ok {
			t.Errorf("%s is decided, but not in the document", call)
		}
	}
}

// The document's x-permission, the design's table and the answers agree: a role without
// the permission is refused with its name, a role with it never is.
func TestRoles_everyRoleAgainstEveryRoute(t *testing.T) {
	w := apitest.New(t)
	ops, shared := documented(w), w.Cast()
	for _, d := range decisions {
		t.Run(d.call, func(t *testing.T) {
			s := scene{shared.In(t)}
			if d.endsTheScene() {
				s = scene{w.In(t).Cast()}
			}
			for _, role := range []string{"viewer", "member", "admin", "owner"} { // who can do most harm comes last
				caller := s.As(role)
				r := d.do(caller, d.send(s, caller))
				if r.Status != d.of(role) {
					t.Fatalf("%s got %d, want %d: %s", role, r.Status, d.of(role), r.Body)
				}
				permission := ops[d.call].Permission
				lacks := permission != "" && !slices.Contains(held(role), permission)
				if refused := r.Status == http.StatusForbidden; refused != lacks {
					t.Errorf("%s needs %q: %s got %d", d.call, permission, role, r.Status)
				}
				named := strings.TrimSuffix(permission, "_own") // another's key needs keys:manage
				if lacks && (r.Code() != "forbidden" || !strings.Contains(r.Get("detail"), named)) {
					t.Errorf("the refusal does not name %s: %s", permission, r.Body)
				}
			}
		})
	}
	prove.Count(t, len(decisions)*len(roles), "routes × callers")
}

// Who may invite whom: each role to each role.
func TestRoles_whoMayInviteWhom(t *testing.T) {
	const created, tooHigh, forbidden = "201 ", "403 role_too_high", "403 forbidden"
	want := map[string]map[string]string{
		"owner":  {"owner": tooHigh, "admin": created, "member": created, "viewer": created},
		"admin":  {"owner": tooHigh, "admin": created, "member": created, "viewer": created},
		"member": {"owner": forbidden, "admin": forbidden, "member": forbidden, "viewer": forbidden},
		"viewer": {"owner": forbidden, "admin": forbidden, "member": forbidden, "viewer": forbidden},
	}
	w := apitest.New(t)
	cast := w.Cast()
	for _, by := range roles {
		for _, to := range roles {
			row := apitest.Map{"email": email("guest"), "role": to}
			if got := label(cast.As(by).Do("POST", "/v1/invitations", row)); got != want[by][to] {
				t.Errorf("%s invites %s: got %q, want %q", by, to, got, want[by][to])
			}
			row = apitest.Map{"email": email("guest"), "role": to}
			bulk := cast.As(by).Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": []any{row}})
			if bulk.Status == http.StatusOK {
				bulk = bulk.Row(0)
			}
			if got := label(bulk); got != want[by][to] {
				t.Errorf("%s invites %s in bulk: got %q, want %q", by, to, got, want[by][to])
			}
		}
	}
}

// Who may change and remove whom: each role on each role, and the owner on nobody's terms.
func TestRoles_whoMayActOnWhom(t *testing.T) {
	const protected, forbidden = "409 owner_protected", "403 forbidden"
	w := apitest.New(t)
	cast := w.Cast()
	for _, by := range roles {
		for _, target := range roles {
			wantChange, wantRemove := "200 ", "204 "
			switch {
			case by == "member" || by == "viewer":
				wantChange, wantRemove = forbidden, forbidden
			case target == "owner":
				wantChange, wantRemove = protected, protected
			}
			other := cast.Owner
			if target != "owner" {
				other = cast.Owner.Hire(target)
			}
			path := "/v1/members/" + other.ID
			if got := label(cast.As(by).Do("PATCH", path, apitest.Map{"role": "member"})); got != wantChange {
				t.Errorf("%s demotes %s: got %q, want %q", by, target, got, wantChange)
			}
			if got := label(cast.As(by).Do("DELETE", path, nil)); got != wantRemove {
				t.Errorf("%s removes %s: got %q, want %q", by, target, got, wantRemove)
			}
		}
	}
	if got := cast.Owner.Do("GET", "/v1/me", nil).Want(200).Get("role"); got != "owner" {
		t.Errorf("the owner is %s now", got)
	}
}

// Nobody becomes owner by a change of role, neither another nor oneself.
func TestRoles_nobodyIsPromotedToOwner(t *testing.T) {
	cast := apitest.New(t).Cast()
	for _, by := range []string{"owner", "admin"} {
		for _, target := range []string{"admin", "member", "viewer"} {
			cast.As(by).Do("PATCH", "/v1/members/"+cast.As(target).ID, apitest.Map{"role": "owner"}).
				WantProblem(403, "role_too_high")
		}
	}
	cast.Owner.Do("PATCH", "/v1/members/"+cast.Owner.ID, apitest.Map{"role": "owner"}).WantProblem(409, "owner_protected")
	cast.Owner.Do("POST", "/v1/members/me/leave", nil).WantProblem(409, "owner_protected")
	cast.Owner.Do("DELETE", "/v1/members/"+cast.Owner.ID, nil).WantProblem(409, "owner_protected")
}

// Ownership moves only by transfer: the old owner is an admin from then on, and there is
// one owner before and after.
func TestRoles_transferMovesOwnership(t *testing.T) {
	cast := apitest.New(t).Cast()
	old, next := cast.Owner, cast.Viewer
	if got := old.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": next.ID}).Want(200).Get("role"); got != "owner" {
		t.Errorf("the answer is about a %s", got)
	}
	if got := old.Do("GET", "/v1/me", nil).Want(200).Get("role"); got != "admin" {
		t.Errorf("the old owner is %s", got)
	}
	if got := next.Do("GET", "/v1/org", nil).Want(200).Get("owner_id"); got != next.ID {
		t.Errorf("the org's owner is %s, want %s", got, next.ID)
	}
	if owners := next.List("/v1/members?role=owner"); len(owners) != 1 || owners[0]["user_id"] != next.ID {
		t.Errorf("owners: %v", owners)
	}
	old.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": old.ID}).WantProblem(403, "forbidden")
	next.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": next.ID}).WantProblem(422, "validation_failed")
	if n := next.Recorded("org.ownership_transferred"); n != 1 {
		t.Errorf("%d entries tell of one transfer", n)
	}
	next.Do("POST", "/v1/members/me/leave", nil).WantProblem(409, "owner_protected")
	old.Do("POST", "/v1/members/me/leave", nil).Want(204)
}

// A demoted person's open session has the new role with the next request.
func TestRoles_demotionCountsAtOnce(t *testing.T) {
	cast := apitest.New(t).Cast()
	key, _ := cast.Admin.WithKey("manage")
	cast.Owner.Do("PATCH", "/v1/members/"+cast.Admin.ID, apitest.Map{"role": "member"}).Want(200)
	for _, p := range []*apitest.Person{cast.Admin, key} {
		p.Do("POST", "/v1/invitations", apitest.Map{"email": email("guest"), "role": "viewer"}).WantProblem(403, "forbidden")
	}
	entries := cast.Owner.List("/v1/audit?action=member.role_changed&target=" + cast.Admin.ID)
	if len(entries) != 1 {
		t.Fatalf("%d entries", len(entries))
	}
	before, after := entries[0]["before"].(apitest.Map), entries[0]["after"].(apitest.Map)
	if before["role"] != "admin" || after["role"] != "member" {
		t.Errorf("recorded %v → %v", before, after)
	}
}

// A request that was let in before its sender's demotion does not undo it.
func TestRoles_nobodyTakesBackTheirRole(t *testing.T) {
	for name, c := range map[string]struct {
		becomes string
		call    func(admin *apitest.Person) *apitest.Reply
	}{
		"by a role change": {"member", func(p *apitest.Person) *apitest.Reply {
			return p.Do("PATCH", "/v1/members/"+p.ID, apitest.Map{"role": "admin"})
		}},
		"by a key of their own": {"viewer", func(p *apitest.Person) *apitest.Reply {
			return p.Do("POST", "/v1/keys", apitest.Map{"name": "x", "scopes": []string{"manage"}})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			cast := w.Cast()
			mend := w.Wire.Break(apitest.Meanwhile("GetItem", func() {
				cast.Owner.Do("PATCH", "/v1/members/"+cast.Admin.ID, apitest.Map{"role": c.becomes}).Want(200)
			}))
			c.call(cast.Admin).WantProblem(403, "forbidden")
			mend()
			if role := cast.Admin.Do("GET", "/v1/me", nil).Get("role"); role != c.becomes {
				t.Errorf("they are %s again", role)
			}
		})
	}
}

// An admin who knows a key of the one who becomes the owner is no owner with it, nor with
// what they made of it before. The new owner's own keys carry on.
func TestRoles_nobodyBecomesOwnerThroughAnothersKey(t *testing.T) {
	w := apitest.New(t)
	cast := w.Cast()
	own, _ := cast.Member.WithKey("manage")
	_, ownID := cast.Member.WithKey("inference", "manage")
	known, knownID := cast.Admin.WithKeyFor(cast.Member, "inference", "manage")
	child, _ := known.WithKey("manage")
	_, siblingID := cast.Member.WithKey("manage")
	using := func(key string) *apitest.Person {
		p := *cast.Member
		p.Token = key
		return &p
	}
	byAdmin := using(rotate(cast.Admin, ownID, 0))
	byKey := using(rotate(known, siblingID, 0))
	stolen := []*apitest.Person{known, child, byAdmin, byKey}
	for _, p := range stolen {
		p.Do("GET", "/v1/me", nil).Want(200)
	}
	cast.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": cast.Member.ID}).Want(200)
	for i, p := range stolen {
		if r := p.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": cast.Admin.ID}); label(r) != "403 forbidden" {
			t.Errorf("key %d: %s", i, label(r))
		}
	}
	own.Do("GET", "/v1/me", nil).Want(200)
	if code := w.Gateway().Verdict(known.Token); code != "ok" {
		t.Errorf("the gateway says %s", code)
	}
	using(rotate(cast.Member, knownID, 0)).Do("GET", "/v1/me", nil).Want(200)
}

// label is an answer's status and code: "201 ", "403 forbidden".
func label(r *apitest.Reply) string { return fmt.Sprintf("%d %s", r.Status, r.Code()) }
