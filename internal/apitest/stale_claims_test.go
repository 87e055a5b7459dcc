package apitest_test

import (
	"sync/atomic"
	"testing"

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
				w := apitest.New(t)
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
