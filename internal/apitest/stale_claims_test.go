package apitest_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// beforeTransaction lets something happen before the nth transaction is sent.
func beforeTransaction(n int64, happens func()) apitest.Hook {
	var sent atomic.Int64
	return func(c apitest.Call, _ *httpRequest, send sender) (*httpResponse, error) {
		if c.Operation == "TransactWriteItems" && sent.Add(1) == n {
			happens()
		}
		return send()
	}
}

// Whoever is free to join an org, or to found one, joins one even if they do both at once: the
// first transaction finds them known, and the second rests on what was read of them then.
func TestStale_oneOrgForEverybody(t *testing.T) {
	accept := func(w *apitest.World, link string) *apitest.Reply {
		return w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": link})
	}
	for name, free := range map[string]func(ada, bob *apitest.Person){
		"who left": func(_, bob *apitest.Person) { bob.Do("POST", "/v1/members/me/leave", nil).Want(204) },
		"whose org is deleted": func(ada, _ *apitest.Person) {
			shop{Cast: apitest.Cast{Owner: ada}}.deleteOrg()
		},
	} {
		for doing, join := range map[string]func(w *apitest.World, email string) func() *apitest.Reply{
			"accepts": func(w *apitest.World, email string) func() *apitest.Reply {
				w.SignUp("Bolt").Invite(email, "member")
				link := w.Mail.Token(email)
				return func() *apitest.Reply { return accept(w, link) }
			},
			"founds": func(w *apitest.World, email string) func() *apitest.Reply {
				askToFound(w, email, apitest.Source()).Want(202)
				link := apitest.Map{"token": w.Mail.Token(email)}
				return func() *apitest.Reply { return w.Stranger().Do("POST", "/v1/signup/confirm", link) }
			},
		} {
			t.Run(name+" "+doing, func(t *testing.T) {
				w := apitest.Alone(t)
				ada := w.SignUp("Acme")
				bob := ada.Hire("member")
				free(ada, bob)
				join := join(w, bob.Email)
				cord := w.SignUp("Cord")
				cord.Invite(bob.Email, "viewer")
				link := w.Mail.Token(bob.Email)
				mend := w.Wire.Break(beforeTransaction(2, func() { accept(w, link).Want(200) }))
				join().WantProblem(409, "already_in_organization")
				mend()
				if n := len(cord.List("/v1/members")); n != 2 {
					t.Errorf("the org that they joined has %d members", n)
				}
				w.CheckInvariants()
			})
		}
	}
}

// Whoever was found in a deleted org, and is free of it by the purge a moment later, joins or
// founds as whoever the purge has not reached does.
func TestStale_freeByThePurge(t *testing.T) {
	for name, join := range map[string]func(w *apitest.World, email string) *apitest.Reply{
		"accepts": func(w *apitest.World, email string) *apitest.Reply {
			return w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(email)})
		},
		"founds": func(w *apitest.World, email string) *apitest.Reply {
			return w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": w.Mail.Token(email)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			ada, bolt := w.SignUp("Acme"), w.SignUp("Bolt")
			bob := ada.Hire("member")
			shop{Cast: apitest.Cast{Owner: ada}}.deleteOrg()
			w.Clock.Advance(time.Hour)
			if name == "accepts" {
				bolt.Invite(bob.Email, "member")
			} else {
				askToFound(w, bob.Email, apitest.Source()).Want(202)
			}
			mend := w.Wire.Break(beforeTransaction(2, func() {
				if purged := w.Sweep().Purged; purged != 1 {
					t.Errorf("the sweep purged %d orgs", purged)
				}
			}))
			if r := join(w, bob.Email); r.Status >= 300 {
				t.Errorf("%d %s", r.Status, r.Body)
			}
			mend()
			w.CheckInvariants()
		})
	}
}

// A removal that the org and the member have overtaken takes nothing from the org that they are
// in by then.
func TestStale_removedFromAnotherOrg(t *testing.T) {
	w := apitest.Alone(t)
	org, bolt := w.Cast(), w.SignUp("Bolt")
	bolt.Invite(org.Member.Email, "member")
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		shop{Cast: org}.deleteOrg()
		w.Join(org.Member.Email)
	}))
	org.Admin.Do("DELETE", "/v1/members/"+org.Member.ID, nil).WantProblem(404, "not_found")
	mend()
	w.CheckInvariants()
}

// A removal of somebody who was removed and came back to another team takes them from there.
func TestStale_removedFromAnotherTeam(t *testing.T) {
	w := apitest.Alone(t)
	org := w.Cast()
	team := org.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	remove := func() { org.Owner.Do("DELETE", "/v1/members/"+org.Member.ID, nil).Want(204) }
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		remove()
		org.Owner.Do("POST", "/v1/invitations", apitest.Map{"email": org.Member.Email, "role": "member", "team_id": team}).Want(201)
		w.Join(org.Member.Email)
	}))
	remove()
	mend()
	w.CheckInvariants()
}

// A key that ended with its holder's role stays dead when another change of the role, which
// rests on what was before, goes through.
func TestStale_keysStayEnded(t *testing.T) {
	w := apitest.Alone(t)
	org := w.Cast()
	give := func(role string) {
		org.Owner.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": role}).Want(200)
	}
	var key string
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		key = org.Member.Do("POST", "/v1/keys", apitest.Map{"name": "CI", "scopes": []string{"manage"}}).Want(201).Get("key")
		give("viewer")
		give("member")
	}))
	give("admin")
	mend()
	impostor(w, key).Do("GET", "/v1/me", nil).Want(401)
	w.CheckInvariants()
}

// A link founds one org, also if that is gone by the time the link is used again.
func TestStale_oneOrgOfALink(t *testing.T) {
	w := apitest.Alone(t)
	founder := email("founder")
	askToFound(w, founder, apitest.Source()).Want(202)
	link := apitest.Map{"token": w.Mail.Token(founder)}
	found := func() *apitest.Reply { return w.Stranger().Do("POST", "/v1/signup/confirm", link) }
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		shop{Cast: apitest.Cast{Owner: impostor(w, found().Want(201).Get("session.token"))}}.deleteOrg()
	}))
	found().WantProblem(410, "link_invalid")
	mend()
	w.CheckInvariants()
}
