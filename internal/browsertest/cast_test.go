package browsertest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"
	"time"
)

// The demo organization of `make dev` has one person of each role. Their addresses:
var demoPeople = map[string]string{
	"owner": "owner@acme.example", "admin": "ada@acme.example", "member": "max@acme.example", "viewer": "vera@acme.example",
}

var roles = []string{"owner", "admin", "member", "viewer"}

// signIn opens a profile in which somebody is signed in, by the link in a mail.
func signIn(t *testing.T, email string) *person {
	t.Helper()
	p := newPerson(t, email)
	p.opens("/signin")
	p.fills("Email address", email)
	p.clicks("Mail me a sign-in link")
	p.followsMail("sign-in link")
	p.clicks("Sign in")
	p.sees("Members")
	return p
}

// founds signs the person up with an organization of their own.
func (p *person) founds(org string) {
	p.Helper()
	p.opens("/signup")
	p.fills("Organization", org)
	p.fills("Email address", p.email)
	p.clicks("Continue")
	p.followsMail("Confirm")
	p.clicks("Create and sign in")
	p.sees("Members")
}

// things are the ids of what there is in the demo organization.
type things struct {
	people                map[string]string // by role
	key, team, invitation string
}

// furnished returns the demo organization with something on every page.
func furnished(t *testing.T) things {
	t.Helper()
	furnishing.Lock()
	defer furnishing.Unlock()
	if furniture.people == nil {
		furniture = newThings(t)
	}
	return furniture
}

var (
	furnishing sync.Mutex
	furniture  things
)

func newThings(t *testing.T) things {
	t.Helper()
	in := things{people: map[string]string{}}
	do := func(method, path string, body object) object {
		t.Helper()
		return site.api(t, site.APIKey, method, path, body)
	}
	for _, row := range rows(do("GET", "/v1/members", nil)) {
		in.people[row["role"].(string)] = row["user_id"].(string)
	}
	in.team = do("POST", "/v1/teams", object{"name": "Field robotics"})["id"].(string)
	in.invitation = do("POST", "/v1/invitations", object{"email": "katherine@acme.example", "role": "viewer", "team_id": in.team})["id"].(string)
	gone := do("POST", "/v1/invitations", object{"email": "dorothy@acme.example", "role": "member"})["id"].(string)
	do("DELETE", "/v1/invitations/"+gone, nil)
	do("POST", "/v1/invitations", object{"email": "typo@acme.exmaple", "role": "member"})
	site.bounces(t, "typo@acme.exmaple")
	late := do("POST", "/v1/invitations", object{"email": "annie@acme.example", "role": "admin", "team_id": in.team})["id"].(string)
	site.letsExpire(t, do("GET", "/v1/org", nil)["id"].(string), late)
	old := do("POST", "/v1/keys", object{"name": "old pipeline"})["id"].(string)
	do("DELETE", "/v1/keys/"+old, nil)
	spendFor(t, "admin", in, "notebooks", "gpt-4o-mini", 12)
	in.key = spendFor(t, "member", in, "support bot", "claude-sonnet-4", 40)
	spendFor(t, "owner", in, "nightly evaluation", "gpt-4o", 25)
	for scope, id := range map[string]string{"org": do("GET", "/v1/org", nil)["id"].(string), "member": in.people["member"], "key": in.key} {
		do("PUT", fmt.Sprintf("/v1/budgets/%s/%s", scope, id), object{"limit_usd": "20"})
	}
	return in
}

// spendFor creates a key for a person and spends with it: with so many requests, over some days.
func spendFor(t *testing.T, role string, in things, name, model string, requests int) (keyID string) {
	t.Helper()
	key := site.api(t, site.APIKey, "POST", "/v1/keys", object{
		"name": name, "user_id": in.people[role], "models": []string{model}, "requests_per_minute": 600,
	})
	now := time.Now().UTC()
	var events []object
	for i := range requests {
		events = append(events, object{
			"event_id": fmt.Sprintf("%s-%d", key["id"], i), "key_hash": hashed(key["key"].(string)), "model": model,
			"cost_usd": fmt.Sprintf("0.%02d", 1+i%9), "prompt_tokens": 1200, "completion_tokens": 300,
			"at": now.Add(-time.Duration(i) * 7 * time.Hour).Format(time.RFC3339),
		})
	}
	site.api(t, site.GatewayToken, "POST", "/v1/spend/events", events)
	return key["id"].(string)
}

func hashed(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// rows are those of a list.
func rows(list object) (found []object) {
	data, _ := list["data"].([]any)
	for _, row := range data {
		found = append(found, row.(object))
	}
	return found
}
