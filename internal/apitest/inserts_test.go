package apitest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
)

// puts collects each item that is put by a transaction that goes through, and puts it
// again, alone: under the same condition, and as a transaction of its own.
type puts struct {
	mu       sync.Mutex
	accepted map[string]string // the kinds of items that were put twice, and a key of each
	tried    map[string]int
}

func (p *puts) hook(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	answer, err := send()
	if err != nil || c.Operation != "TransactWriteItems" || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	var in struct {
		TransactItems []struct{ Put json.RawMessage }
	}
	if err := json.Unmarshal(c.Body, &in); err != nil {
		return answer, err
	}
	for _, item := range in.TransactItems {
		if item.Put != nil {
			if err := p.again(r, item.Put); err != nil {
				return nil, err
			}
		}
	}
	return answer, nil
}

func (p *puts) again(r *http.Request, put json.RawMessage) error {
	var it struct {
		Item map[string]map[string]any
	}
	if err := json.Unmarshal(put, &it); err != nil {
		return err
	}
	pk, sk := it.Item["pk"]["S"].(string), it.Item["sk"]["S"].(string)
	body, err := json.Marshal(map[string]any{
		"TransactItems": []any{map[string]any{"Put": put}}, "ClientRequestToken": ident.New(time.Now()),
	})
	if err != nil {
		return err
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer, err := http.DefaultClient.Do(again)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := pk[:strings.IndexAny(pk+"#", "#@")]
	if kind == "ORG" || kind == "USER" {
		kind, _, _ = strings.Cut(sk, "#")
	}
	p.tried[kind]++
	if answer.StatusCode == http.StatusOK {
		p.accepted[kind] = pk + " / " + sk
	}
	return nil
}

// What is inserted overwrites nothing: each new item, sent a second time by itself, is
// refused. An id that is drawn twice, or a call that is made twice, changes no record.
func TestInserts_overwriteNothing(t *testing.T) {
	w := apitest.Alone(t)
	p := &puts{accepted: map[string]string{}, tried: map[string]int{}}
	defer w.Wire.Break(p.hook)()
	tellStory(t, w)
	delete(p.accepted, "GONE") // says the same each time
	delete(p.accepted, "ONCE") // what a call brought may be told better later
	for kind, key := range p.accepted {
		t.Errorf("%s was put twice: %s", kind, key)
	}
	for _, kind := range []string{
		"USER", "LINK", "SESSION", "SLUG", "SECRET", "KEYID", "ONCE", "ORG", "TEAM", "MEMBER", "ADDRESS", "INVITE", "KEY",
		"BUDGET", "NOTICE", "RESERVE", "LEDGER", "AUDIT", "EVENT",
	} {
		if p.tried[kind] == 0 {
			t.Errorf("the story puts no %s: %v", kind, p.tried)
		}
	}
}

// tellStory does everything that writes, once: what people, the gateway and the clock do.
func tellStory(t *testing.T, w *apitest.World) {
	t.Helper()
	org := w.Cast()
	owner, once := org.Owner, func(p *apitest.Person, method, path string, body any) *apitest.Reply {
		return p.Do(method, path, body, "Idempotency-Key", ident.New(time.Now()))
	}
	team := once(owner, "POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	owner.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": "Search"}).Want(200)
	owner.Do("PATCH", "/v1/org", apitest.Map{"name": "Acme 2", "slug": "acme-" + team[24:]}).Want(200)
	owner.Do("PATCH", "/v1/me", apitest.Map{"name": "Ada"}).Want(200)

	guest, gone := email("guest"), email("gone")
	id := once(owner, "POST", "/v1/invitations", apitest.Map{"email": guest, "role": "member", "team_id": team}).Want(201).Get("id")
	once(owner, "POST", "/v1/invitations/bulk", apitest.Map{"invitations": []any{apitest.Map{"email": gone, "role": "viewer"}}}).Want(200)
	once(owner, "POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
	joined := once(w.Stranger(), "POST", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(guest), "name": "Guest"}).Want(200)
	w.Stranger().Do("POST", "/v1/invitations/decline", apitest.Map{"token": w.Mail.Token(gone)}).Want(204)
	owner.Do("DELETE", "/v1/invitations/"+owner.Invite(gone, "member"), nil).Want(204)
	org.Member.SignIn().Do("DELETE", "/v1/sessions/current", nil).Want(204)

	made := once(org.Member, "POST", "/v1/keys", apitest.Map{"name": "k"}).Want(201)
	org.Member.Do("PATCH", "/v1/keys/"+made.Get("id"), apitest.Map{"name": "k2"}).Want(200)
	once(org.Member, "POST", "/v1/keys/"+made.Get("id")+"/rotate", apitest.Map{"grace_seconds": 60}).Want(200)
	setBudget(owner, "org", owner.OrgID, "1", "month")
	gw, key := billerOf(w), pay(org.Member)
	hold := gw.reserve(key, "0.5").Get("reservation_id")
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.6", "reservation_id": hold})).want(t, 1, 0, 0, 0)
	once(gw.Person, "POST", "/v1/billing/credits", apitest.Map{"org_id": owner.OrgID, "amount_usd": 1}).Want(201)
	setBudget(owner, "org", owner.OrgID, "2", "day")
	org.Member.Do("DELETE", "/v1/keys/"+key.id, nil).Want(204)
	owner.Do("DELETE", "/v1/budgets/org/"+owner.OrgID, nil).Want(204)

	owner.Invite(email("late"), "member")
	owner.Do("PATCH", "/v1/members/"+org.Viewer.ID, apitest.Map{"role": "admin"}).Want(200)
	owner.Do("DELETE", "/v1/members/"+joined.Get("membership.user_id"), nil).Want(204)
	owner.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
	owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Admin.ID}).Want(200)
	owner.Do("DELETE", "/v1/sessions", nil).Want(204)
	w.Clock.Advance(8 * 24 * time.Hour)
	w.Sweep()
	org.Admin.SignIn().Do("DELETE", "/v1/org", apitest.Map{"confirm": "acme-" + team[24:]}).Want(204)
	w.Clock.Advance(time.Hour)
	w.Sweep()
}
