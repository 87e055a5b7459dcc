package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// guard stands between the program and the engine, and holds each function to its row, as
// IAM will: what the row does not grant fails the test, and so does what nobody used.
type guard struct {
	*apitest.World
	t *testing.T

	mu   sync.Mutex
	on   string                     // the function that is running; empty: nobody is held to anything
	used map[string]map[string]bool // by function: "action partition", or "index name"
}

// prepaid is the setting in which functions read the most.
func prepaid(s *wiring.Settings) { s.Prepaid = true }

func newGuard(t *testing.T) *guard {
	g := &guard{World: apitest.Alone(t, prepaid), t: t, used: map[string]map[string]bool{}}
	t.Cleanup(g.Wire.Break(g.watch))
	return g
}

// as says which function's requests follow.
func (g *guard) as(function string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.on = function
}

func (g *guard) watch(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	body, err := r.GetBody()
	if err != nil {
		return nil, err
	}
	sent, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	g.check(c.Operation, sent)
	return send()
}

func (g *guard) check(operation string, body []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.on == "" {
		return
	}
	i := slices.IndexFunc(rows, func(r row) bool { return r.name == g.on })
	if g.used[g.on] == nil {
		g.used[g.on] = map[string]bool{}
	}
	for _, u := range uses(g.t, operation, body) {
		granted := ""
		if u.index != "" && slices.Contains(rows[i].indexes, u.index) {
			granted = "index " + u.index
		}
		for _, prefix := range rows[i].table[u.action] {
			if u.index == "" && strings.HasPrefix(u.key, prefix) {
				granted = u.action + " " + prefix
			}
		}
		if granted == "" {
			g.t.Errorf("%s is not granted %s of %s%s", g.on, u.action, u.index, u.key)
		}
		g.used[g.on][granted] = true
	}
}

// use is one thing that IAM would ask about.
type use struct{ action, key, index string }

// item is as much of a request as tells which items it is about.
type item struct {
	Key, Item map[string]struct{ S string }
}

func (i item) pk() string { return i.Key["pk"].S + i.Item["pk"].S }

// uses lists what a request needs grants for.
func uses(t *testing.T, operation string, body []byte) (all []use) {
	var in struct {
		item
		IndexName                 string
		ExpressionAttributeValues map[string]struct{ S string }
		RequestItems              map[string]struct {
			Keys []map[string]struct{ S string }
		}
		TransactItems []map[string]item
	}
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(&in); err != nil {
		t.Fatal(err)
	}
	switch operation {
	case "TransactWriteItems":
		actions := map[string]string{"Put": put, "Update": update, "Delete": remove, "ConditionCheck": check}
		for _, step := range in.TransactItems {
			for kind, i := range step {
				all = append(all, use{action: actions[kind], key: i.pk()})
			}
		}
	case "BatchGetItem":
		for _, table := range in.RequestItems {
			for _, k := range table.Keys {
				all = append(all, use{action: batchGet, key: k["pk"].S})
			}
		}
	case "Query":
		all = append(all, use{query, in.ExpressionAttributeValues[":hash"].S + in.ExpressionAttributeValues[":pk"].S, in.IndexName})
	default:
		all = append(all, use{action: operation, key: in.pk()})
	}
	return all
}

// wantAllUsed fails for every grant that the function made no use of.
func (g *guard) wantAllUsed(function string, but ...string) {
	i := slices.IndexFunc(rows, func(r row) bool { return r.name == function })
	granted := []string{}
	for _, index := range rows[i].indexes {
		granted = append(granted, "index "+index)
	}
	for _, action := range sortedKeys(rows[i].table) {
		for _, prefix := range rows[i].table[action] {
			granted = append(granted, action+" "+prefix)
		}
	}
	for _, one := range granted {
		if !g.used[function][one] && !slices.Contains(but, one) {
			g.t.Errorf("%s is granted %s, and made no use of it", function, one)
		}
	}
}

type object = apitest.Map

// The grants are exactly what the functions do: no less, and no more.
func TestGrants_areWhatFunctionsDo(t *testing.T) {
	g := newGuard(t)
	ada := g.signUp()
	admin, _ := ada.WithKey("manage")
	g.money(ada, admin)
	for _, story := range []struct {
		of   string
		tell func(ada, admin *apitest.Person)
	}{
		{"sessions", g.sessions}, {"org", g.org}, {"members", g.members}, {"invite", g.invite}, {"accept", g.accept},
		{"keys", g.keys}, {"verify", g.verify}, {"reports", g.reports}, {"feedback", g.feedback}, {"expire", g.expire},
		{"dashboard", g.dashboard}, {"reconcile", g.reconcile},
	} {
		story.tell(ada, admin)
		g.as("")
		g.wantAllUsed(story.of)
	}
	for _, told := range []string{"signup", "ingest", "budgets"} {
		g.wantAllUsed(told)
	}
}

func (g *guard) signUp() *apitest.Person {
	email := apitest.Address("ada")
	g.as("signup")
	p := g.Stranger()
	p.Do("POST", "/v1/signup", object{"email": email, "org_name": "Acme"}).Want(202)
	first := g.Mail.Token(email)
	p.Do("POST", "/v1/signup", object{"email": email, "org_name": "Acme"}).Want(202)
	r := p.Do("POST", "/v1/signup/confirm", object{"token": first}, "Idempotency-Key", "1").Want(201)
	p.Do("POST", "/v1/signup/confirm", object{"token": g.Mail.Token(email)}).Want(409) // they are in an org by now
	g.as("")
	return &apitest.Person{World: g.World, Email: email, ID: r.Get("user.id"), OrgID: r.Get("org.id"), TeamID: r.Get("team.id"), Token: r.Get("session.token")}
}

func (g *guard) sessions(ada, admin *apitest.Person) {
	g.as("sessions")
	ada.SignIn().Do("DELETE", "/v1/sessions/current", nil).Want(204)
	ada.Do("GET", "/v1/sessions", nil).Want(200)
	admin.Do("PATCH", "/v1/me", object{"name": "Ada"}).Want(200)
	ada.Do("DELETE", "/v1/sessions", nil).Want(204)
	ada.Token = ada.SignIn().Token
}

func (g *guard) org(ada, admin *apitest.Person) {
	bob := ada.Hire("admin")
	g.as("org")
	admin.Do("GET", "/v1/org", nil).Want(200)
	ada.Do("PATCH", "/v1/org", object{"slug": "acme-" + ada.OrgID[30:]}).Want(200)
	team := ada.Do("POST", "/v1/teams", object{"name": "Research"}, "Idempotency-Key", "a team").Want(201).Get("id")
	ada.Do("GET", "/v1/teams", nil).Want(200)
	ada.Do("PATCH", "/v1/teams/"+team, object{"name": "Lab"}).Want(200)
	ada.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
	ada.Do("POST", "/v1/org/transfer", object{"user_id": bob.ID}).Want(200)
	bob.Do("POST", "/v1/org/transfer", object{"user_id": ada.ID}).Want(200)
}

func (g *guard) members(ada, admin *apitest.Person) {
	bob, eve := ada.Hire("member"), ada.Hire("member")
	bob.NewKey()
	g.as("members")
	for _, filter := range []string{"", "?team_id=" + ada.TeamID, "?role=member", "?q=a"} {
		admin.Do("GET", "/v1/members"+filter, nil).Want(200)
	}
	ada.Do("GET", "/v1/members/"+bob.ID, nil).Want(200)
	ada.Do("PATCH", "/v1/members/"+bob.ID, object{"role": "viewer"}).Want(200)
	ada.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	eve.Do("POST", "/v1/members/me/leave", nil).Want(204)
}

func (g *guard) invite(ada, admin *apitest.Person) {
	g.as("invite")
	email := apitest.Address("bob")
	id := admin.Do("POST", "/v1/invitations", object{"email": email, "role": "member"}, "Idempotency-Key", "an invitation").Want(201).Get("id")
	ada.Do("POST", "/v1/invitations/bulk", object{"invitations": []object{{"email": apitest.Address("eve"), "role": "viewer"}}}, "Idempotency-Key", "many").Want(200)
	ada.Do("GET", "/v1/invitations", nil).Want(200)
	ada.Do("GET", "/v1/invitations?status=expired", nil).Want(200)
	ada.Do("GET", "/v1/invitations/"+id, nil).Want(200)
	ada.Do("POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
	g.Clock.Advance(invites.Lifetime + time.Hour)
	ada.Invite(email, "member") // what was due is expired on the way
	id = ada.Invite(apitest.Address("eve"), "member")
	ada.Do("DELETE", "/v1/invitations/"+id, nil).Want(204)
}

func (g *guard) accept(ada, _ *apitest.Person) {
	bob, eve := apitest.Address("bob"), apitest.Address("eve")
	ada.Invite(bob, "member")
	ada.Invite(eve, "member")
	elsewhere := g.SignUp("Elsewhere")
	ada.Invite(elsewhere.Email, "member")
	g.as("accept")
	p := g.Stranger()
	p.Do("POST", "/v1/invitations/accept", object{"token": g.Mail.Token(elsewhere.Email)}).Want(409) // they are in an org
	p.Do("POST", "/v1/invitations/preview", object{"token": g.Mail.Token(bob)}).Want(200)
	p.Do("POST", "/v1/invitations/accept", object{"token": g.Mail.Token(bob)}, "Idempotency-Key", "1").Want(200)
	p.Do("POST", "/v1/invitations/decline", object{"token": g.Mail.Token(eve)}).Want(204)
}

func (g *guard) keys(ada, admin *apitest.Person) {
	g.as("keys")
	r := admin.Do("POST", "/v1/keys", object{"name": "one"}, "Idempotency-Key", "a key").Want(201)
	key := "/v1/keys/" + r.Get("id")
	for _, filter := range []string{"", "?user_id=" + ada.ID, "?team_id=" + ada.TeamID, "?state=live"} {
		ada.Do("GET", "/v1/keys"+filter, nil).Want(200)
	}
	ada.Do("GET", key, nil).Want(200)
	ada.Do("PATCH", key, object{"name": "two"}).Want(200)
	ada.Do("POST", key+"/rotate", object{"grace_seconds": 60}, "Idempotency-Key", "another").Want(200)
	ada.Do("DELETE", key, nil).Want(204)
}

func (g *guard) verify(ada, _ *apitest.Person) {
	secret, _ := ada.NewKey(object{"requests_per_minute": 5})
	gateway := g.Gateway()
	g.as("verify")
	gateway.Verdict(secret)
	gateway.Do("POST", "/v1/keys/verify/batch", object{"questions": []object{{"key": secret}}}).Want(200)
}

func (g *guard) reports(ada, admin *apitest.Person) {
	g.as("reports")
	for _, filter := range []string{"", "?actor=" + ada.ID, "?action=org.created", "?target=" + ada.OrgID} {
		admin.Do("GET", "/v1/audit"+filter, nil).Want(200)
	}
	ada.Do("GET", "/v1/audit", nil).Want(200)
}

func (g *guard) feedback(ada, _ *apitest.Person) {
	email := apitest.Address("bob")
	id := ada.Invite(email, "member")
	g.as("feedback")
	if err := (feedback.Recorder{Store: g.Store}).Record(g.t.Context(), feedback.Notice{
		Outcome: invites.Complained, At: g.Clock.Now(), Recipients: []string{email}, OrgID: ada.OrgID, InvitationID: id, LetterID: "0",
	}); err != nil {
		g.t.Error(err)
	}
}

func (g *guard) expire(_, _ *apitest.Person) {
	ada, bob := g.SignUp("Due"), g.SignUp("Gone")
	gone := ada.Hire("member")
	g.Mail.Fail(true)
	ada.Invite(apitest.Address("eve"), "member")
	g.overspend(ada)
	ada.Do("DELETE", "/v1/members/"+gone.ID, nil).Want(204)
	g.Mail.Fail(false)
	g.overtake(ada)
	secret, _ := bob.NewKey()
	g.spends(g.Gateway(), secret, "gone", "1")
	slug := bob.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	bob.Do("DELETE", "/v1/org", object{"confirm": slug}).Want(204)
	g.Clock.Advance(time.Hour)
	g.as("expire")
	g.Sweep()
	g.Clock.Advance(invites.Lifetime)
	g.Sweep()
}
