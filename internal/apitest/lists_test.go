package apitest_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

const (
	many  = 120
	limit = 7
)

// wantEachOnce walks a list seven rows at a time and fails unless each of want comes once,
// whatever the order.
func wantEachOnce(t *testing.T, p *apitest.Person, path, column string, want []string) {
	t.Helper()
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	var got []string
	for _, page := range p.Pages(fmt.Sprintf("%s%slimit=%d", path, joint, limit)) {
		if len(page) > limit {
			t.Errorf("%s: a page of %d rows", path, len(page))
		}
		got = append(got, apitest.Column(page, column)...)
	}
	if !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("%s: %d rows, want %d, each once", path, len(got), len(want))
	}
}

// bulk invites many at once, into a team and a role, and returns the addresses.
func bulk(p *apitest.Person, n int, prefix, role, team string) (addresses []string) {
	p.Helper()
	for n > 0 {
		var some []any
		for range min(n, 100) {
			address := email(prefix)
			addresses = append(addresses, address)
			some = append(some, apitest.Map{"email": address, "role": role, "team_id": team})
		}
		if r := p.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": some}).Want(200); r.Get("failed") != "0" {
			p.Fatalf("bulk: %s", r.Body)
		}
		n -= len(some)
	}
	return addresses
}

// acceptAll lets all of them in, under names that begin with name.
func acceptAll(w *apitest.World, addresses []string, name string) (userIDs []string) {
	w.Helper()
	for i, address := range addresses {
		r := w.Stranger().Do("POST", "/v1/invitations/accept",
			apitest.Map{"token": w.Mail.Token(address), "name": fmt.Sprintf("%s %d", name, i)}).Want(200)
		userIDs = append(userIDs, r.Get("membership.user_id"))
	}
	return userIDs
}

// Members: all, of a team, of a role, of both, found by name and by address.
func TestLists_members(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	here := acceptAll(w, bulk(owner, many/2, "zoe", "member", team), "Anna")
	there := acceptAll(w, bulk(owner, many/2-1, "anna", "viewer", ""), "Zoe")
	all := slices.Concat(here, there, []string{owner.ID})
	for path, want := range map[string][]string{
		"/v1/members":                             all,
		"/v1/members?team_id=" + team:             here,
		"/v1/members?role=viewer":                 there,
		"/v1/members?role=owner":                  {owner.ID},
		"/v1/members?role=admin":                  nil,
		"/v1/members?role=member&team_id=" + team: here,
		"/v1/members?role=viewer&team_id=" + team: nil,
		"/v1/members?q=anna":                      slices.Concat(here, there), // by name, by address
		"/v1/members?q=ANNA":                      slices.Concat(here, there),
		"/v1/members?q=zoe&role=member":           here,
		"/v1/members?q=anna&team_id=" + team:      here,
		"/v1/members?q=" + owner.Email:            {owner.ID},
		"/v1/members?q=nobody":                    nil,
		"/v1/members?q=%20%20":                    all,
		"/v1/members?team_id=" + w.NoID():         nil,
	} {
		wantEachOnce(t, owner, path, "user_id", want)
	}
}

// Names are found however they are composed and spelt.
func TestLists_membersByNameInAnyForm(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	owner.Do("PATCH", "/v1/me", apitest.Map{"name": "Zoë Ångström"}).Want(200)
	for _, q := range []string{"zoë", "ZOË", "zoe\u0308", "zoë  ång", " zoë"} {
		if got := owner.List("/v1/members?q=" + url.QueryEscape(q)); len(got) != 1 {
			t.Errorf("%q finds %d", q, len(got))
		}
	}
	owner.Do("PATCH", "/v1/me", apitest.Map{"name": "Renamed"}).Want(200)
	if got := owner.List("/v1/members?q=zo"); len(got) != 0 {
		t.Error("the old name still finds them")
	}
}

// Invitations of each status, newest first; those that are due count as expired although
// nothing has swept them.
func TestLists_invitations(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	ids := func(path string) []string { return apitest.Column(owner.List(path), "id") }
	bulk(owner, 30, "due", "member", "")
	due := ids("/v1/invitations")
	w.Clock.Advance(8 * 24 * time.Hour)
	pending := bulk(owner, many-30, "pending", "member", "")
	declined, revoked, accepted := pending[:10], pending[10:20], pending[20:30]
	for _, address := range declined {
		w.Stranger().Do("POST", "/v1/invitations/decline", apitest.Map{"token": w.Mail.Token(address)}).Want(204)
	}
	for _, row := range owner.List("/v1/invitations") {
		if slices.Contains(revoked, row["email"].(string)) {
			owner.Do("DELETE", "/v1/invitations/"+row["id"].(string), nil).Want(204)
		}
	}
	acceptAll(w, accepted, "Guest")
	for status, want := range map[string][]string{
		"pending": pending[30:], "declined": declined, "revoked": revoked, "accepted": accepted,
	} {
		wantEachOnce(t, owner, "/v1/invitations?status="+status, "email", want)
	}
	wantEachOnce(t, owner, "/v1/invitations?status=expired", "id", due)
	all := ids("/v1/invitations?limit=100")
	wantEachOnce(t, owner, "/v1/invitations", "id", all)
	if len(all) != many || !slices.IsSortedFunc(all, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("%d invitations, newest first: %q", len(all), all)
	}
}

func TestLists_teams(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	ids := []string{owner.TeamID}
	for range many - 1 {
		ids = append(ids, owner.Do("POST", "/v1/teams", apitest.Map{"name": "Team"}).Want(201).Get("id"))
	}
	wantEachOnce(t, owner, "/v1/teams", "id", ids)
	if got := apitest.Column(owner.List("/v1/teams"), "id"); !slices.Equal(got, ids) {
		t.Error("the teams do not come oldest first")
	}
}

// Keys: all, of a person, of a team, of a state, of all three.
func TestLists_keys(t *testing.T) {
	cast := apitest.New(t).Cast()
	var all, live []string
	for range many / 3 {
		for _, holder := range []*apitest.Person{cast.Owner, cast.Admin, cast.Member} {
			_, id := holder.WithKey("inference")
			all = append(all, id)
		}
	}
	for i, id := range all {
		if i%2 == 0 {
			live = append(live, id)
		} else {
			cast.Owner.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
		}
	}
	var members, liveMembers []string
	for i := 2; i < len(all); i += 3 {
		members = append(members, all[i])
		if i%2 == 0 {
			liveMembers = append(liveMembers, all[i])
		}
	}
	for path, want := range map[string][]string{
		"/v1/keys":                              all,
		"/v1/keys?state=live":                   live,
		"/v1/keys?team_id=" + cast.Owner.TeamID: all,
		"/v1/keys?user_id=" + cast.Member.ID:    members,
		"/v1/keys?state=live&user_id=" + cast.Member.ID + "&team_id=" + cast.Owner.TeamID: liveMembers,
		"/v1/keys?state=live&team_id=" + cast.Owner.TeamID:                                live,
	} {
		wantEachOnce(t, cast.Viewer, path, "id", want)
	}
	wantEachOnce(t, cast.Member, "/v1/keys", "id", members)
}

// The record, narrowed by who, what, to what and when, in any combination.
func TestLists_audit(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	admin := owner.Hire("admin")
	w.Clock.Advance(time.Hour)
	noon := w.Clock.Now()
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	for i := range many/2 - 1 {
		owner.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": fmt.Sprint("Team ", i)}).Want(200)
	}
	w.Clock.Advance(time.Hour)
	evening := w.Clock.Now()
	for i := range many / 2 {
		admin.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": fmt.Sprint("Group ", i)}).Want(200)
	}
	all := owner.List("/v1/audit?limit=100")
	which := func(keep func(actor, action, target string, at time.Time) bool) (ids []string) {
		for _, e := range all {
			at, err := time.Parse(time.RFC3339, e["at"].(string))
			if err != nil {
				t.Fatal(err)
			}
			actor, target := e["actor"].(apitest.Map), e["target"].(apitest.Map)
			if keep(fmt.Sprint(actor["user_id"]), e["action"].(string), target["id"].(string), at) {
				ids = append(ids, e["id"].(string))
			}
		}
		return ids
	}
	from, to := "from="+noon.Format(time.RFC3339Nano), "to="+evening.Format(time.RFC3339Nano)
	for filter, want := range map[string][]string{
		"":                    which(func(_, _, _ string, _ time.Time) bool { return true }),
		"actor=" + admin.ID:   which(func(actor, _, _ string, _ time.Time) bool { return actor == admin.ID }),
		"action=team.updated": which(func(_, action, _ string, _ time.Time) bool { return action == "team.updated" }),
		"target=" + team:      which(func(_, _, target string, _ time.Time) bool { return target == team }),
		from:                  which(func(_, _, _ string, at time.Time) bool { return !at.Before(noon) }),
		to:                    which(func(_, _, _ string, at time.Time) bool { return at.Before(evening) }),
		from + "&" + to:       which(func(_, _, _ string, at time.Time) bool { return !at.Before(noon) && at.Before(evening) }),
		"actor=" + owner.ID + "&action=team.updated&target=" + team + "&" + from: which(func(actor, action, target string, at time.Time) bool {
			return actor == owner.ID && action == "team.updated" && target == team && !at.Before(noon)
		}),
		"action=no.such":            nil,
		"from=2999-01-01T00:00:00Z": nil,
		"to=1969-12-31T23:59:59Z":   nil,
		"to=" + noon.Format(time.RFC3339Nano) + "&from=" + evening.Format(time.RFC3339Nano): nil, // the wrong way round
		"to=" + noon.Format(time.RFC3339Nano) + "&from=" + noon.Format(time.RFC3339Nano):    nil,
		"from=1950-01-01T00:00:00Z":                                which(func(_, _, _ string, _ time.Time) bool { return true }),
		"from=1950-01-01T00:00:00%2B02:00&to=9999-12-31T23:59:59Z": which(func(_, _, _ string, _ time.Time) bool { return true }),
	} {
		wantEachOnce(t, owner, "/v1/audit?"+filter, "id", want)
	}
	if len(all) < many {
		t.Errorf("%d entries", len(all))
	}
	if ids := apitest.Column(all, "id"); !slices.IsSortedFunc(ids, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Error("the record does not come newest first")
	}
}

// A page that ends exactly at the end has no next one.
func TestLists_lastPageSaysSo(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	for range 5 {
		owner.Do("POST", "/v1/teams", apitest.Map{"name": "Team"}).Want(201)
	}
	for limit, pages := range map[int]int{1: 6, 2: 3, 3: 2, 5: 2, 6: 1, 7: 1, 100: 1} {
		if got := len(owner.Pages(fmt.Sprint("/v1/teams?limit=", limit))); got != pages {
			t.Errorf("6 teams at %d a page are %d pages, want %d", limit, got, pages)
		}
	}
	if got := string(owner.Do("GET", "/v1/invitations", nil).Want(200).Body); strings.TrimSpace(got) != `{"data":[]}` {
		t.Errorf("an empty list is %s", got)
	}
}

// every list of the API, by a call that gives it some rows.
var lists = []string{
	"/v1/members", "/v1/members?role=member", "/v1/members?q=a", "/v1/teams", "/v1/invitations",
	"/v1/invitations?status=pending", "/v1/invitations?status=expired", "/v1/keys", "/v1/keys?state=live",
	"/v1/audit", "/v1/audit?action=team.created", "/v1/audit?from=2020-01-01T00:00:00Z", "/v1/sessions",
}

// Cursors of other lists, of other orgs and of nowhere are refused or harmless: no answer
// but 200 with one's own rows, and 422.
func TestLists_foreignAndForgedCursors(t *testing.T) {
	w := apitest.New(t)
	victim, intruder := w.SignUp("Acme"), w.SignUp("Elsewhere")
	var cursors []string
	for _, p := range []*apitest.Person{victim, intruder} {
		bulk(p, 3, "guest", "member", "")
		acceptAll(w, bulk(p, 3, "guest", "member", ""), "Anna")
		for range 3 {
			p.Do("POST", "/v1/teams", apitest.Map{"name": "Team"}).Want(201)
			p.WithKey("inference")
			p.SignIn()
		}
		for _, path := range lists {
			joint := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
			if c := p.Do("GET", path+joint+"limit=1", nil).Want(200).Get("next_cursor"); c != "" {
				cursors = append(cursors, c)
			}
		}
	}
	if len(cursors) < 20 {
		t.Fatalf("only %d cursors to try", len(cursors))
	}
	forge := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	cursors = append(cursors,
		"x", "e30", "====", forge("null"), forge("[]"), forge("{"), forge(`{"p":-1}`), forge(`{"p":99}`), forge(`{"p":1e99}`),
		forge(`{"p":0,"s":""}`), forge(`{"p":0,"s":"","i":"x"}`), forge(`{"p":0,"s":"ORG"}`), forge(`{"p":0,"s":"~~~","i":"~~~"}`),
		forge(`{"p":0,"s":"MEMBER#`+victim.ID+`"}`), forge(`{"p":0,"s":"MEMBER#`+victim.ID+`","i":"`+victim.Email+`"}`),
		forge(`{"p":0,"s":"\u0000","i":"\u0000"}`), forge(`{"p":0,"s":"\u007f\u007f","i":"\u007f"}`), forge(`{"p":0,"s":"MEMBER#","i":""}`),
		forge(`{"p":0,"s":"MEMBER#`+strings.Repeat("x", 1100)+`"}`), forge(`{"p":0,"s":"`+strings.Repeat("x", 2000)+`","i":"`+strings.Repeat("x", 900)+`"}`),
		strings.Repeat("A", 4096), strings.Repeat("A", 5000),
	)
	for _, path := range lists {
		own := map[string]bool{}
		for _, row := range intruder.List(path) {
			own[fmt.Sprint(row)] = true
		}
		joint := map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
		for _, c := range cursors {
			r := intruder.Do("GET", path+joint+"cursor="+url.QueryEscape(c), nil)
			if r.Status == 422 {
				wantInvalid(t, r, "query.cursor")
				continue
			}
			for _, row := range r.Want(200).Rows() {
				if !own[fmt.Sprint(row)] {
					t.Errorf("%s with cursor %s shows %v", path, c, row)
				}
			}
		}
	}
}
