package apitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func newKey(b apitest.Map) apitest.Map {
	b["name"] = "laptop"
	return b
}

// Who may make a key for whom, and with which scopes: a key acts as its holder, so nobody
// makes one for somebody who may do more.
func TestKeys_whoMayMakeOneForWhom(t *testing.T) {
	const made, forbidden, tooHigh = "201 ", "403 forbidden", "403 role_too_high"
	want := map[string]map[string]string{ // by, for
		"owner":  {"owner": made, "admin": made, "member": made, "viewer": forbidden},
		"admin":  {"owner": tooHigh, "admin": made, "member": made, "viewer": forbidden},
		"member": {"owner": forbidden, "admin": forbidden, "member": made, "viewer": forbidden},
		"viewer": {"owner": forbidden, "admin": forbidden, "member": forbidden, "viewer": forbidden},
	}
	cast := apitest.New(t).Cast()
	for _, by := range roles {
		for _, holder := range roles {
			r := cast.As(by).Do("POST", "/v1/keys", newKey(apitest.Map{"user_id": cast.As(holder).ID}))
			if got := label(r); got != want[by][holder] {
				t.Errorf("%s for %s: got %q, want %q", by, holder, got, want[by][holder])
			}
		}
	}
	// A viewer may read by key, if a manager makes it; inference stays out of reach.
	reader, _ := cast.Admin.WithKeyFor(cast.Viewer, "manage")
	reader.Do("GET", "/v1/audit", nil).Want(200)
	cast.Admin.Do("POST", "/v1/keys", newKey(apitest.Map{"user_id": cast.Viewer.ID, "scopes": []string{"manage", "inference"}})).
		WantProblem(403, "forbidden")
}

// Whose keys each role sees and may revoke.
func TestKeys_whoSeesAndRevokesWhose(t *testing.T) {
	cast := apitest.New(t).Cast()
	want := map[string]map[string][2]string{ // by, of: read, revoke
		"owner":  {"owner": {"200 ", "204 "}, "admin": {"200 ", "204 "}, "member": {"200 ", "204 "}},
		"admin":  {"owner": {"200 ", "403 role_too_high"}, "admin": {"200 ", "204 "}, "member": {"200 ", "204 "}},
		"member": {"owner": {"404 not_found", "404 not_found"}, "admin": {"404 not_found", "404 not_found"}, "member": {"200 ", "204 "}},
		"viewer": {"owner": {"200 ", "403 forbidden"}, "admin": {"200 ", "403 forbidden"}, "member": {"200 ", "403 forbidden"}},
	}
	for by, holders := range want {
		for holder, verdicts := range holders {
			_, id := cast.As(holder).WithKey("inference")
			if got := label(cast.As(by).Do("GET", "/v1/keys/"+id, nil)); got != verdicts[0] {
				t.Errorf("%s reads a key of the %s: got %q, want %q", by, holder, got, verdicts[0])
			}
			if got := label(cast.As(by).Do("DELETE", "/v1/keys/"+id, nil)); got != verdicts[1] {
				t.Errorf("%s revokes a key of the %s: got %q, want %q", by, holder, got, verdicts[1])
			}
		}
	}
}

// A list shows a member their own keys, and those who read the org's keys all of them.
func TestKeys_listNarrowsToOnesOwn(t *testing.T) {
	cast := apitest.New(t).Cast()
	for _, role := range []string{"owner", "admin", "member"} {
		cast.As(role).WithKey("inference")
	}
	for role, want := range map[string]int{"owner": 3, "admin": 3, "member": 1, "viewer": 3} {
		if got := len(cast.As(role).List("/v1/keys")); got != want {
			t.Errorf("%s sees %d keys, want %d", role, got, want)
		}
	}
	cast.Member.Do("GET", "/v1/keys?user_id="+cast.Admin.ID, nil).WantProblem(403, "forbidden")
	if rows := cast.Member.List("/v1/keys?user_id=" + cast.Member.ID); len(rows) != 1 {
		t.Errorf("a member finds %d of their own keys", len(rows))
	}
}

// The secret is in the first answer and nowhere else: not in reads, lists or the audit.
func TestKeys_secretIsShownOnce(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	made := owner.Do("POST", "/v1/keys", newKey(apitest.Map{"scopes": []string{"manage"}})).Want(201)
	secret := made.Get("key")
	if !strings.HasPrefix(secret, "sk-nemo-") || len(secret) != len("sk-nemo-")+43 {
		t.Fatalf("%q is no key of ours", secret)
	}
	for _, path := range []string{"/v1/keys/" + made.Get("id"), "/v1/keys", "/v1/audit"} {
		answer := string(owner.Do("GET", path, nil).Want(200).Body)
		if strings.Contains(answer, secret) || strings.Contains(answer, secret[13:len(secret)-4]) {
			t.Errorf("%s shows the key", path)
		}
		if strings.Contains(answer, `"hash"`) {
			t.Errorf("%s shows the hash", path)
		}
	}
	if start, end := made.Get("start"), made.Get("end"); !strings.HasPrefix(secret, start) || !strings.HasSuffix(secret, end) {
		t.Errorf("%s…%s is not how the key looks", start, end)
	}
}

// What ends a key's holder, role or time ends the key with the next request.
func TestKeys_stop(t *testing.T) {
	ends := map[string]func(owner, holder *apitest.Person, keyID string){
		"revoked by its holder": func(_, holder *apitest.Person, id string) { holder.Do("DELETE", "/v1/keys/"+id, nil).Want(204) },
		"revoked by the owner":  func(owner, _ *apitest.Person, id string) { owner.Do("DELETE", "/v1/keys/"+id, nil).Want(204) },
		"holder removed": func(owner, holder *apitest.Person, _ string) {
			owner.Do("DELETE", "/v1/members/"+holder.ID, nil).Want(204)
		},
		"holder left": func(_, holder *apitest.Person, _ string) { holder.Do("POST", "/v1/members/me/leave", nil).Want(204) },
		"holder became a viewer": func(owner, holder *apitest.Person, _ string) {
			owner.Do("PATCH", "/v1/members/"+holder.ID, apitest.Map{"role": "viewer"}).Want(200)
		},
		"time is over": func(owner, _ *apitest.Person, _ string) { owner.Clock.Advance(2 * time.Hour) },
		"org deleted": func(owner, _ *apitest.Person, _ string) {
			owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": owner.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			owner := w.SignUp("Acme")
			holder := owner.Hire("member")
			made := holder.Do("POST", "/v1/keys", newKey(apitest.Map{
				"scopes": []string{"manage"}, "expires_at": w.Clock.Now().Add(time.Hour),
			})).Want(201)
			key := impostor(w, made.Get("key"))
			key.Do("GET", "/v1/me", nil).Want(200)
			end(owner, holder, made.Get("id"))
			key.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
		})
	}
}

// Keys that died with a role or a membership stay dead when those come back.
func TestKeys_stayDead(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	key, id := bob.WithKey("manage")
	owner.Do("PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "viewer"}).Want(200)
	if got := owner.Do("GET", "/v1/keys/"+id, nil).Want(200).Get("revoked_at"); got == "" {
		t.Error("the demotion left the key's record live")
	}
	if n := len(owner.List("/v1/audit?action=key.revoked&target=" + id)); n != 1 {
		t.Errorf("%d entries tell of the key's end", n)
	}
	owner.Do("PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "admin"}).Want(200)
	key.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")

	second, _ := bob.WithKey("manage")
	bob.Do("POST", "/v1/members/me/leave", nil).Want(204)
	owner.Invite(bob.Email, "admin")
	w.Join(bob.Email)
	second.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
}

func TestKeys_atMostFortyLiveOnes(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	bob := owner.Hire("member")
	var last string
	for range 40 {
		_, last = bob.WithKey("inference")
	}
	bob.Do("POST", "/v1/keys", newKey(apitest.Map{})).WantProblem(409, "key_limit_reached")
	bob.Do("DELETE", "/v1/keys/"+last, nil).Want(204)
	bob.Do("DELETE", "/v1/keys/"+last, nil).WantProblem(404, "not_found")
	bob.WithKey("inference")
	owner.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204) // all forty, in one transaction
	if rows := owner.List("/v1/keys?state=live&user_id=" + bob.ID); len(rows) != 0 {
		t.Errorf("%d keys outlive their holder", len(rows))
	}
	if rows := owner.List("/v1/keys?state=revoked&user_id=" + bob.ID); len(rows) != 41 {
		t.Errorf("%d keys are remembered, want 41", len(rows))
	}
}

func TestKeys_badInput(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	for name, c := range map[string]struct {
		body     apitest.Map
		location string
	}{
		"no name":          {apitest.Map{"name": ""}, "body.name"},
		"unknown scope":    {newKey(apitest.Map{"scopes": []string{"root"}}), "body.scopes"},
		"scope twice":      {newKey(apitest.Map{"scopes": []string{"manage", "manage"}}), "body.scopes"},
		"expired at birth": {newKey(apitest.Map{"expires_at": w.Clock.Now()}), "body.expires_at"},
		"no time":          {newKey(apitest.Map{"expires_at": "tomorrow"}), "body.expires_at"},
		"unknown field":    {newKey(apitest.Map{"role": "owner"}), "body.role"},
	} {
		t.Run(name, func(t *testing.T) {
			wantInvalid(t, owner.In(t).Do("POST", "/v1/keys", c.body), c.location)
		})
	}
	if n := len(owner.List("/v1/keys")); n != 0 {
		t.Errorf("%d keys came of it", n)
	}
}
