package pages_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var (
	inlined = regexp.MustCompile(`<style|<script>| style=| on[a-z]+=|javascript:`)
	abroad  = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
)

// every reads each page, and each page that it links to, once.
func (b browser) every(t *testing.T, visit func(path string, r *apitest.Reply)) {
	t.Helper()
	seen := map[string]bool{}
	var level []string
	for _, p := range boardPages {
		level = append(level, b.base+p.path)
	}
	for range 2 {
		var next []string
		for _, path := range level {
			if seen[path] || !strings.HasPrefix(path, b.base+"/") {
				continue
			}
			seen[path] = true
			r := b.Browse("GET", path, "")
			visit(path, r)
			_, hrefs := offered(r)
			next = append(next, hrefs...)
		}
		level = next
	}
	if len(seen) < 20 {
		t.Fatalf("only %d pages were found: %v", len(seen), seen)
	}
}

func TestBoard_pagesObeyTheirPolicy(t *testing.T) {
	cast := castWithThings(t)
	browse(cast.Owner).every(t, func(path string, r *apitest.Reply) {
		r.Want(200)
		if found := inlined.Find(r.Body); found != nil {
			t.Errorf("%s has inline %q", path, found)
		}
		if found := abroad.Find(r.Body); found != nil {
			t.Errorf("%s reaches elsewhere: %q", path, found)
		}
		for header, want := range map[string]string{"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"} {
			if r.Header.Get(header) != want {
				t.Errorf("%s: %s is %q", path, header, r.Header.Get(header))
			}
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	})
}

func TestBoard_readingChangesNothing(t *testing.T) {
	w := apitest.Alone(t)
	owner := w.SignUp("Acme")
	owner.Hire("member")
	owner.Invite(apitest.Address("guest"), "member")
	owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	owner.Do("POST", "/v1/keys", apitest.Map{"name": "laptop"}).Want(201)
	before := w.Items()
	b := browse(owner)
	b.every(t, func(path string, r *apitest.Reply) { b.Browse("HEAD", path, "").Want(200) })
	if !maps.Equal(before, w.Items()) {
		t.Error("reading wrote")
	}
}

// Names are text, wherever they come up.
func TestBoard_htmlInNamesIsText(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>"'&`
	w := apitest.New(t)
	owner := w.SignUp(evil)
	mate := owner.Hire("member")
	mate.Do("PATCH", "/v1/me", apitest.Map{"name": evil}).Want(200)
	owner.Do("POST", "/v1/teams", apitest.Map{"name": evil}).Want(201)
	mate.Do("POST", "/v1/keys", apitest.Map{"name": evil, "models": []string{evil}}).Want(201)
	spends(mate, evil, "1")
	browse(owner).every(t, func(path string, r *apitest.Reply) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			if !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s is no file to keep: %v", path, r.Header)
			}
			return
		}
		if strings.Contains(string(r.Body), "<img") {
			t.Errorf("%s shows HTML:\n%s", path, r.Body)
		}
	})
	b := browse(owner)
	for _, r := range []*apitest.Reply{
		b.send("/team", "do", "invite", "people", evil+"\n"+evil, "role", evil),
		b.open("/team?q=" + "%22%3E%3Cimg%20src=x%3E"),
		b.open("/audit?action=%22%3E%3Cimg%20src=x%3E&actor=%22%3E%3Cimg%20src=x%3E"),
		b.send("/teams", "do", "create", "name", `"><img src=x>.evil.example`),
		b.send("/keys", "do", "create", "name", `"><img src=x>.evil.example`, "scopes", "inference", "models", "</textarea><img>"),
		b.open("/team?done=%3Cimg%3E"),
		b.open("/spend?member=%3Cimg%3E&key=%3Cimg%3E&team=%3Cimg%3E&model=%3Cimg%3E&by=%3Cimg%3E"),
		b.send("/spend", "do", "budget", "limit_usd", evil, "alerts", evil, "period", evil),
	} {
		if strings.Contains(string(r.Body), "<img") {
			t.Errorf("shows HTML:\n%s", r.Body)
		}
	}
}

func TestBoard_refusesPostsOfOtherSites(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		r := b.Browse("POST", b.base+"/team", "do=remove&id="+cast.Member.ID,
			"Content-Type", "application/x-www-form-urlencoded", header[0], header[1]).Want(403)
		says(t, r, "<h1>Sent by another site</h1>", "Nothing was changed")
		if r.Header.Get("Content-Security-Policy") == "" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
			t.Errorf("it came with %v", r.Header)
		}
		b.Browse("POST", "/v1/teams", `{"name":"x"}`, "Accept", "text/html", header[0], header[1]).WantProblem(403, "cross_origin")
	}
	cast.Member.Do("GET", "/v1/me", nil).Want(200)
}

// A page costs as much in a large org as in a small one.
func TestBoard_cost(t *testing.T) {
	const mostTrips = 6
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	for i := range 3 {
		owner.Do("POST", "/v1/teams", apitest.Map{"name": fmt.Sprint("Team ", i)}).Want(201)
		owner.Hire("member")
	}
	owner.Invite(apitest.Address("guest"), "member")
	owner.Do("POST", "/v1/keys", apitest.Map{"name": "laptop"}).Want(201)
	spends(owner, "gpt-4o", "1")
	limits(owner, "org", owner.OrgID, "10")
	b := browse(owner)
	b.every(t, func(path string, r *apitest.Reply) {
		if calls := w.Wire.Record(func() { b.Browse("GET", path, "").Want(200) }); len(calls) > mostTrips {
			t.Errorf("%s takes %d round trips: %v", path, len(calls), calls)
		}
	})
}

// Those who were not here today, in an org of so many teams that a page reads some apart, with
// budgets of members, wait no longer than others.
func TestBoard_costAmongManyTeams(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	last, email := manyTeams(owner), apitest.Address("mate")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member", "team_id": last}).Want(201)
	mate := owner.Join(email)
	limits(owner, "member", mate.ID, "10")
	b := browse(owner)
	for _, c := range []struct {
		path  string
		trips int
	}{{"/team", 3}, {"/team?q=" + email, 4}, {"/team?team_name=team+100&q=" + email, 5}, {"/team?view=invitations", 3}, {"/keys", 2}, {"/teams", 2}} {
		n := b.trips(c.path, 20*time.Millisecond)
		if n > c.trips { // a busy machine may take longer to send what goes at the same time
			n = b.trips(c.path, 300*time.Millisecond)
		}
		if n > c.trips {
			t.Errorf("%s takes %d round trips, want %d", c.path, n, c.trips)
		}
	}
}

// trips is how many round trips a page takes, one after the other, on a day on which its reader
// was not here yet. The engine pauses in each call, so that those which do not wait for each
// other are under way at the same time.
func (b browser) trips(path string, pause time.Duration) int {
	b.Helper()
	defer b.Wire.Break(func(_ apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		time.Sleep(pause)
		return send()
	})()
	b.Clock.Advance(25 * time.Hour)
	calls := b.Wire.Record(func() { b.open(path).Want(200) })
	if !slices.ContainsFunc(calls, func(c apitest.Call) bool { return c.Operation == "UpdateItem" }) {
		b.Errorf("%s does not note that they were here", path)
	}
	return apitest.LongestChain(calls)
}

func TestBoard_longListsArePaged(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	for i := range 35 { // beside Default, which comes first; a page shows 25
		b.Do("POST", "/v1/teams", apitest.Map{"name": fmt.Sprintf("Team %02d", i)}).Want(201)
	}
	r := b.open("/teams").Want(200)
	says(t, r, "Team 23")
	silent(t, r, "Team 24", "First page")
	next := regexp.MustCompile(`href="([^"]+cursor=[^"]+)"`).FindSubmatch(r.Body)
	r = b.Browse("GET", strings.ReplaceAll(string(next[1]), "&amp;", "&"), "").Want(200)
	says(t, r, "Team 24", "Team 34", "First page")
	silent(t, r, "Next page")
}
