package apitest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// Of many requests at the same moment, exactly as many as the limit allows are within it.
func TestLimits_perMinuteAtTheEdge(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	minute := w.Clock.Now().Truncate(time.Minute)
	for _, limit := range []int{1, 20, 63, 64} {
		key, id := ada.NewKey(apitest.Map{"requests_per_minute": limit})
		g := w.Gateway()
		ask := func(n int) map[string]int {
			codes := map[string]int{}
			for _, r := range apitest.Race(apitest.Times(n, func() *apitest.Reply {
				return g.Do("POST", "/v1/keys/verify", apitest.Map{"key": key})
			})...) {
				codes[r.Get("code")]++
			}
			return codes
		}
		run := w.Clock.Stop(minute.Add(59999 * time.Millisecond))
		if got := ask(64); got["ok"] != limit || got["rate_limited"] != 64-limit {
			t.Errorf("limit %d: %v", limit, got)
		}
		fresh := rotate(ada, id, time.Hour) // a rotation does not start the count anew
		if got := g.Verdict(fresh); got != "rate_limited" {
			t.Errorf("after a rotation: %s", got)
		}
		w.Clock.Stop(minute.Add(time.Minute))
		if got := ask(1); got["ok"] != 1 {
			t.Errorf("in the next minute: %v", got)
		}
		run()
	}
}

// A batch that asks about one key many times is many requests.
func TestLimits_perMinuteInABatch(t *testing.T) {
	w := apitest.New(t)
	key, _ := w.SignUp("Acme").NewKey(apitest.Map{"requests_per_minute": 7})
	w.Clock.Stop(w.Clock.Now())
	questions := slices.Repeat([]apitest.Map{{"key": key}}, 100)
	r := w.Gateway().Do("POST", "/v1/keys/verify/batch", apitest.Map{"questions": questions}).Want(200)
	if n := strings.Count(string(r.Body), `"code":"ok"`); n != 7 {
		t.Errorf("%d of 100 are within a limit of 7", n)
	}
}

// What a key refuses anyway is not counted against it.
func TestLimits_refusalsAreNotCounted(t *testing.T) {
	w := apitest.New(t)
	key, _ := w.SignUp("Acme").NewKey(apitest.Map{"requests_per_minute": 1, "models": []string{"gpt-5"}})
	w.Clock.Stop(w.Clock.Now())
	for _, want := range []string{"model_not_allowed o3", "model_not_allowed o3", "ok gpt-5", "rate_limited gpt-5"} {
		code, model, _ := strings.Cut(want, " ")
		if got := w.Gateway().Verdict(key, model); got != code {
			t.Errorf("%s: %s, want %s", model, got, code)
		}
	}
}

func TestLimits_models(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	for _, c := range []struct {
		models []string
		model  string
		want   string
	}{
		{nil, "anything", "ok"},
		{[]string{"gpt-5"}, "gpt-5", "ok"},
		{[]string{"gpt-5"}, "gpt-5-mini", "model_not_allowed"},
		{[]string{"gpt-5"}, "GPT-5", "model_not_allowed"},
		{[]string{"gpt-5*"}, "gpt-5-mini", "ok"},
		{[]string{"gpt-5*"}, "gpt-5", "ok"},
		{[]string{"gpt-5*"}, "gpt-4", "model_not_allowed"},
		{[]string{"*"}, "anything", "ok"},
		{[]string{"a", "openai/*"}, "openai/gpt-5", "ok"},
		{[]string{"a", "openai/*"}, "azure/gpt-5", "model_not_allowed"},
		{[]string{"gpt-5"}, "", "ok"}, // the gateway asks about any model
		{[]string{"gpt-5"}, " gpt-5", "model_not_allowed"},
		{[]string{"gpt-5*"}, "*", "model_not_allowed"},
	} {
		key, _ := ada.NewKey(apitest.Map{"models": c.models})
		if got := w.Gateway().Verdict(key, c.model); got != c.want {
			t.Errorf("%q of %q: %s, want %s", c.model, c.models, got, c.want)
		}
	}
	for _, bad := range [][]string{{""}, {"a*b"}, {"*a"}, {"**"}, {"a\n"}, {strings.Repeat("a", 129)}, slices.Repeat([]string{"a"}, 101), slices.Repeat([]string{strings.Repeat("a", 21)}, 100)} {
		ada.Do("POST", "/v1/keys", apitest.Map{"name": "x", "models": bad}).WantProblem(422, "validation_failed")
	}
}

// An expiry is kept to the second, and null clears it.
func TestLimits_expiry(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	now := w.Clock.Now().Truncate(time.Second)
	w.Clock.Stop(now)
	at := now.Add(time.Hour)
	key, id := ada.NewKey(apitest.Map{"expires_at": at.In(time.FixedZone("", 7200)).Add(999).Format(time.RFC3339Nano), "scopes": []string{"inference", "manage"}})
	program := &apitest.Person{World: w, Token: key}
	want := func(after time.Duration, code string, status int) {
		t.Helper()
		w.Clock.Stop(at.Add(after))
		if got := w.Gateway().Verdict(key); got != code {
			t.Errorf("after %v: %s, want %s", after, got, code)
		}
		program.Do("GET", "/v1/me", nil).Want(status)
	}
	if got := ada.Do("GET", "/v1/keys/"+id, nil).Get("expires_at"); got != at.Format(time.RFC3339) {
		t.Errorf("expires at %s, want %s in UTC", got, at.Format(time.RFC3339))
	}
	want(-time.Second, "ok", 200)
	want(0, "expired", 401)
	want(time.Second, "expired", 401)
	if r := ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"name": "b"}).Want(200); r.Get("expires_at") == "" {
		t.Error("another change cleared the expiry")
	}
	if r := ada.Do("PATCH", "/v1/keys/"+id, `{"expires_at":null}`).Want(200); r.Get("expires_at") != "" {
		t.Errorf("%s", r.Body)
	}
	want(time.Second, "ok", 200)
	for _, bad := range []any{at, "tomorrow", 7, ""} {
		ada.Do("PATCH", "/v1/keys/"+id, apitest.Map{"expires_at": bad}).WantProblem(422, "validation_failed")
		ada.Do("POST", "/v1/keys", apitest.Map{"name": "x", "expires_at": bad}).WantProblem(422, "validation_failed")
	}
}

func TestLimits_outOfBounds(t *testing.T) {
	ada := apitest.New(t).SignUp("Acme")
	for _, bad := range []apitest.Map{
		{"requests_per_minute": -1}, {"requests_per_minute": 1_000_001}, {"requests_per_minute": "5"},
		{"scopes": []string{"root"}}, {"scopes": []string{"manage", "manage"}}, {"scopes": "manage"},
		{"name": ""}, {"name": "a\u202eb"}, {"name": strings.Repeat("a", 65)},
	} {
		body := apitest.Map{"name": "x"}
		for name, v := range bad {
			body[name] = v
		}
		ada.Do("POST", "/v1/keys", body).WantProblem(422, "validation_failed")
	}
}

// A member holds at most 40 live keys, however many are asked for at once.
func TestLimits_liveKeys(t *testing.T) {
	w := apitest.Alone(t)
	org := w.Cast()
	var ids []string
	for range 38 {
		_, id := org.Member.NewKey()
		ids = append(ids, id)
	}
	made := 0
	for _, r := range apitest.Race(apitest.Times(6, func() *apitest.Reply {
		return org.Member.Do("POST", "/v1/keys", apitest.Map{"name": "x"})
	})...) {
		if r.Status == 201 {
			made++
			continue
		}
		r.WantProblem(409, "key_limit_reached")
	}
	if made != 2 {
		t.Errorf("%d keys came to 38", made)
	}
	org.Admin.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": org.Member.ID}).WantProblem(409, "key_limit_reached")
	rotate(org.Member, ids[0], 0)
	org.Member.Do("DELETE", "/v1/keys/"+ids[1], nil).Want(204)
	org.Member.NewKey()
	org.Owner.Do("DELETE", "/v1/members/"+org.Member.ID, nil).Want(204) // all forty in one transaction
	w.CheckInvariants()
}

// Nobody makes or touches a key that can do more than they: on every path.
func TestKeys_ceiling(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	const (
		fine   = ""
		high   = "403 role_too_high"
		may    = "403 forbidden"
		hidden = "404 not_found"
	)
	roles := []string{"owner", "admin", "member", "viewer"}
	want := map[string][]string{ // by actor, of keys held by the roles in order
		"owner":  {fine, fine, fine, may},
		"admin":  {high, fine, fine, may},
		"member": {may, may, fine, may},
		"viewer": {may, may, may, may},
	}
	touch := map[string][]string{
		"owner":  {fine, fine, fine, fine},
		"admin":  {high, fine, fine, fine},
		"member": {hidden, hidden, fine, hidden},
		"viewer": {may, may, may, may},
	}
	for _, actor := range roles {
		for i, holder := range roles {
			as, of := org.As(actor), org.As(holder)
			check := func(what, want string, r *apitest.Reply) {
				t.Helper()
				if got := fmt.Sprintf("%d %s", r.Status, r.Code()); got != want && !(want == fine && r.Status < 300) {
					t.Errorf("%s as %s of %s: %s, want %q", what, actor, holder, r.Body, want)
				}
			}
			check("create", want[actor][i], as.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": of.ID}))
			maker := of
			if holder == "viewer" {
				maker = org.Owner
			}
			_, id := maker.NewKey(apitest.Map{"user_id": of.ID, "scopes": []string{"manage"}})
			check("edit", touch[actor][i], as.Do("PATCH", "/v1/keys/"+id, apitest.Map{"name": "y"}))
			check("rotate", touch[actor][i], as.Do("POST", "/v1/keys/"+id+"/rotate", apitest.Map{}))
			check("revoke", touch[actor][i], as.Do("DELETE", "/v1/keys/"+id, nil))
		}
	}
}

// A key that somebody else was shown does not rise with its holder: this API refuses it, and
// the gateway is told that it is a member's, until its holder has a secret of their own.
func TestKeys_ceilingOutlastsARise(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	both := apitest.Map{"scopes": []string{"inference", "manage"}}
	own, _ := org.Member.NewKey(both)
	made, id := org.Admin.NewKey(both, apitest.Map{"user_id": org.Member.ID})
	_, again := org.Member.NewKey(both)
	rotated := rotate(org.Admin, again, 0)
	member := org.Member.Do("GET", "/v1/me", nil).Want(200)
	org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Member.ID}).Want(200)
	owner := org.Member.Do("GET", "/v1/me", nil).Want(200)
	want := func(key string, as *apitest.Reply, refusal string) {
		t.Helper()
		if r := impostor(w, key).Do("GET", "/v1/me", nil); r.Code() != refusal {
			t.Errorf("this API: %q, want %q", r.Code(), refusal)
		}
		r := w.Gateway().Ask(key)
		for _, path := range []string{"role", "litellm_role", "permissions"} {
			if r.Get("code") != "ok" || r.Get(path) != as.Get(path) {
				t.Errorf("the gateway: %s of the %s is %s", path, as.Get("role"), r.Body)
			}
		}
	}
	want(own, owner, "")
	want(made, member, "forbidden")
	want(rotated, member, "forbidden")
	want(rotate(org.Member, id, 0), owner, "")
}

// Who was an admin or the owner keeps neither by a key of another that they know: they make
// none for an admin, and one that they rotate acts for none, whoever knows it.
func TestKeys_nobodyStaysAdminByAnothersKey(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	mate := org.Owner.Hire("admin")
	both := apitest.Map{"scopes": []string{"inference", "manage"}}
	for _, by := range []*apitest.Person{org.Owner, org.Admin} {
		r := by.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": mate.ID, "scopes": []string{"manage"}})
		r.WantProblem(403, "forbidden")
	}
	_, id := mate.NewKey(both)
	known := rotate(org.Admin, id, 0)
	former, _ := org.Owner.NewKey(both, apitest.Map{"user_id": org.Member.ID})
	org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Member.ID}).Want(200)
	org.Member.Do("DELETE", "/v1/members/"+org.Admin.ID, nil).Want(204)
	for _, key := range []string{known, former} {
		impostor(w, key).Do("PATCH", "/v1/org", apitest.Map{"name": "Mine"}).WantProblem(403, "forbidden")
		impostor(w, key).Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Owner.ID}).WantProblem(403, "forbidden")
		if r := w.Gateway().Ask(key); r.Get("code") != "ok" || r.Get("role") != "member" {
			t.Errorf("the gateway is told %s", r.Body)
		}
	}
	impostor(w, rotate(mate, id, 0)).Do("GET", "/v1/me", nil).Want(200)
}

// A key's ceiling is its holder's role as it is, not as it was.
func TestKeys_followTheirHoldersRole(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	program, _ := org.Admin.WithKey("manage")
	program.Do("PATCH", "/v1/org", apitest.Map{"name": "B"}).Want(200)
	org.Owner.Do("PATCH", "/v1/members/"+org.Admin.ID, apitest.Map{"role": "member"}).Want(200)
	program.Do("PATCH", "/v1/org", apitest.Map{"name": "C"}).WantProblem(403, "forbidden")
	program.Do("GET", "/v1/me", nil).Want(200)
}

// Another org's keys answer as those that do not exist.
func TestKeys_ofAnotherOrg(t *testing.T) {
	w := apitest.New(t)
	ada, eve := w.SignUp("Acme"), w.SignUp("Evil")
	secret, id := ada.NewKey()
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/v1/keys/%s", nil}, {"PATCH", "/v1/keys/%s", apitest.Map{"name": "x"}},
		{"POST", "/v1/keys/%s/rotate", apitest.Map{}}, {"DELETE", "/v1/keys/%s", nil},
	} {
		theirs := eve.Do(c.method, fmt.Sprintf(c.path, id), c.body).WantProblem(404, "not_found")
		none := eve.Do(c.method, fmt.Sprintf(c.path, w.NoID()), c.body).WantProblem(404, "not_found")
		if theirs.Get("detail") != none.Get("detail") {
			t.Errorf("%s tells that the key is there", c.method)
		}
	}
	eve.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": ada.ID}).WantProblem(404, "not_found")
	for _, filter := range []string{"user_id=" + ada.ID, "team_id=" + ada.TeamID} {
		if rows := eve.List("/v1/keys?" + filter); len(rows) != 0 {
			t.Errorf("%s: %v", filter, rows)
		}
	}
	if code := w.Gateway().Verdict(secret); code != "ok" {
		t.Error(code)
	}
}

// Keys are listed by member, team and state, newest first, each page full.
func TestKeys_lists(t *testing.T) {
	w := apitest.New(t)
	org := w.Cast()
	team := org.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	email := apitest.Address("bob")
	org.Owner.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member", "team_id": team}).Want(201)
	bob := w.Join(email)
	keyOf := func(p *apitest.Person) string { _, id := p.NewKey(); return id }
	a, b, c, d := keyOf(org.Member), keyOf(bob), keyOf(bob), keyOf(org.Owner)
	org.Owner.Do("DELETE", "/v1/keys/"+b, nil).Want(204)
	for query, want := range map[string][]string{
		"": {d, c, b, a}, "state=live": {d, c, a}, "state=revoked": {b}, "user_id=" + bob.ID: {c, b}, "team_id=" + team: {c, b},
		"team_id=" + team + "&state=revoked": {b}, "user_id=" + bob.ID + "&state=live": {c}, "team_id=" + org.Owner.TeamID: {d, a},
		"user_id=" + bob.ID + "&team_id=" + org.Owner.TeamID: {}, "user_id=" + w.NoID(): {},
	} {
		eventually(t, func() error {
			for _, limit := range []string{"1", "3", "100"} {
				if got := apitest.Column(org.Viewer.List("/v1/keys?limit="+limit+"&"+query), "id"); !slices.Equal(got, want) {
					return fmt.Errorf("%q by %s: %v, want %v", query, limit, got, want)
				}
			}
			return nil
		})
	}
	if got := apitest.Column(bob.List("/v1/keys"), "id"); !slices.Equal(got, []string{c, b}) {
		t.Errorf("a member sees %v", got)
	}
	bob.Do("GET", "/v1/keys?user_id="+org.Member.ID, nil).WantProblem(403, "forbidden")
	bob.Do("GET", "/v1/keys/"+a, nil).WantProblem(404, "not_found")
	org.Viewer.Do("GET", "/v1/keys?state=gone", nil).WantProblem(422, "validation_failed")
	for _, cursor := range []string{"x", "e30", "bnVsbA", strings.Repeat("A", 4097)} {
		if r := org.Viewer.Do("GET", "/v1/keys?cursor="+cursor, nil); r.Status >= 500 {
			t.Errorf("cursor %.20s: %d", cursor, r.Status)
		}
	}
}

// eventually gives indexes a moment.
func eventually(t *testing.T, check func() error) {
	t.Helper()
	var err error
	for range 20 {
		if err = check(); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error(err)
}

// The record tells of every change, and of no secret.
func TestKeys_audit(t *testing.T) {
	w := apitest.Alone(t)
	org := w.Cast()
	_, id := org.Member.NewKey(apitest.Map{"name": "ci"})
	org.Member.Do("PATCH", "/v1/keys/"+id, apitest.Map{"name": "cd", "models": []string{"a"}, "requests_per_minute": 3}).Want(200)
	rotate(org.Admin, id, time.Minute)
	org.Member.NewKey()
	org.Member.Do("DELETE", "/v1/keys/"+id, nil).Want(204)
	w.Gateway().Ask("a")
	org.Admin.Do("DELETE", "/v1/members/"+org.Member.ID, nil).Want(204)
	for action, want := range map[string]int{"key.created": 2, "key.updated": 1, "key.rotated": 1, "key.revoked": 2} {
		if n := org.Owner.Recorded(action); n != want {
			t.Errorf("%d entries of %s, want %d", n, action, want)
		}
	}
	w.CheckInvariants()
}

// A repeated creation makes no second key, and comes without the secret.
func TestKeys_createRepeated(t *testing.T) {
	ada := apitest.New(t).SignUp("Acme")
	create := func(name string) *apitest.Reply {
		return ada.Do("POST", "/v1/keys", apitest.Map{"name": name}, "Idempotency-Key", "one")
	}
	first, second := create("ci").Want(201), create("ci").Want(201)
	if first.Get("key") == "" || second.Get("key") != "" || second.Get("secret_omitted") != "true" || first.Get("id") != second.Get("id") {
		t.Errorf("%s\n%s", first.Body, second.Body)
	}
	create("cd").WantProblem(422, "idempotency_mismatch")
	if rows := ada.List("/v1/keys"); len(rows) != 1 {
		t.Errorf("%d keys", len(rows))
	}
}

// The year 1 is a past like any other, although it is Go's zero time.
func TestKeyExpiry_theYearOneIsPast(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	past := apitest.Map{"name": "old", "expires_at": "0001-01-01T00:00:00Z"}
	ada.Do("POST", "/v1/keys", past).WantProblem(422, "validation_failed")
	_, id := ada.WithKey("inference")
	ada.Do("PATCH", "/v1/keys/"+id, past).WantProblem(422, "validation_failed")
}
