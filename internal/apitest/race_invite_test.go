package apitest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// crowd is how many do the same thing at the same moment.
const crowd = 64

type call = func() *apitest.Reply

// post is a call that anyone can make, with the token of the last mail to an address.
func post(w *apitest.World, path, email string) call {
	token := w.Mail.Token(email)
	return func() *apitest.Reply { return w.Stranger().Do("POST", path, apitest.Map{"token": token}) }
}

func accept(w *apitest.World, email string) call  { return post(w, "/v1/invitations/accept", email) }
func decline(w *apitest.World, email string) call { return post(w, "/v1/invitations/decline", email) }

// as is a call that a person makes.
func as(p *apitest.Person, method, path string, body any) call {
	return func() *apitest.Reply { return p.Do(method, path, body) }
}

// wantOnly fails the test unless each answer is one of those named, and returns the tally.
func wantOnly(t *testing.T, replies []*apitest.Reply, allowed ...string) map[string]int {
	t.Helper()
	tally := apitest.Tally(replies)
	for _, got := range slices.Sorted(maps.Keys(tally)) {
		if !slices.Contains(allowed, got) {
			t.Errorf("%d answers are %q, which is none of %q", tally[got], got, allowed)
		}
	}
	return tally
}

// wantOne fails the test unless exactly one answer is the winner's and all others are losers'.
func wantOne(t *testing.T, replies []*apitest.Reply, winner string, losers ...string) {
	t.Helper()
	if tally := wantOnly(t, replies, append(losers, winner)...); tally[winner] != 1 {
		t.Errorf("got %v, want exactly one %q", tally, winner)
	}
}

// wantEntries fails the test unless the org's record has n entries of the action.
func wantEntries(t *testing.T, o *apitest.OrgBooks, n int, action string, targets ...string) {
	t.Helper()
	if got := o.Entries(action, targets...); got != n {
		t.Errorf("the record has %d entries %s, want %d", got, action, n)
	}
}

// One link, clicked 64 times at once: one person gets in, once. New or known makes no
// difference.
func TestRace_acceptOnce(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	known := ada.Hire("member")
	ada.Do("DELETE", "/v1/members/"+known.ID, nil).Want(204)
	for who, email := range map[string]string{"new": apitest.Address("bob"), "known": known.Email} {
		t.Run(who, func(t *testing.T) {
			id := ada.Invite(email, "member")
			replies := apitest.Race(apitest.Times(crowd, accept(w, email))...)
			wantOne(t, replies, "200", "409 invitation_accepted")
			wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], 1, "invitation.accepted", id)
		})
	}
}

// An invitation leaves pending once, whatever pulls at it from how many sides.
func TestRace_oneExit(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	declining := func(email, _ string) call { return decline(w, email) }
	revoking := func(_, id string) call { return as(ada, "DELETE", "/v1/invitations/"+id, nil) }
	for name, rivals := range map[string][]func(email, id string) call{
		"decline":            {declining},
		"revoke":             {revoking},
		"decline and revoke": {declining, revoking},
	} {
		t.Run("accept against "+name, func(t *testing.T) {
			email := apitest.Address("bob")
			id := ada.Invite(email, "member")
			calls := apitest.Times(crowd/4, accept(w, email))
			for _, rival := range rivals {
				calls = append(calls, apitest.Times(crowd/4, rival(email, id))...)
			}
			replies := apitest.Race(calls...)
			tally := wantOnly(t, replies, "200", "204", "409 invitation_accepted", "409 invitation_declined", "410 invitation_revoked")
			if tally["200"]+tally["204"] != 1 {
				t.Errorf("%v: want one exit", tally)
			}
			w.CheckInvariants()
		})
	}
}

// A resend kills the link that an accept is using, or comes too late. However many resend,
// the invitation is taken once, and exactly one of all links ever mailed could take it.
func TestRace_acceptAgainstResend(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	id := ada.Invite(email, "member")
	resend := as(ada, "POST", "/v1/invitations/"+id+"/resend", nil)
	replies := apitest.Race(append(apitest.Times(crowd/2, accept(w, email)), apitest.Times(crowd/2, resend)...)...)
	accepts := wantOnly(t, replies[:crowd/2], "200", "404 not_found", "409 invitation_accepted", "409 changed_meanwhile")
	resends := wantOnly(t, replies[crowd/2:], "200", "409 invitation_accepted", "409 changed_meanwhile")

	for _, mail := range w.Mail.To(email) {
		if w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": mail.Token}).Status == 200 {
			accepts["200"]++
		}
	}
	if accepts["200"] != 1 {
		t.Errorf("the invitation was accepted %d times", accepts["200"])
	}
	wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], resends["200"], "invitation.resent", id)
}

// Around the moment of expiry, people click and sweeps run. Each invitation ends as
// accepted or as expired, and whoever was told that they are in is in.
func TestRace_acceptAgainstSweep(t *testing.T) {
	const window = 300 * time.Millisecond
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	var calls []call
	for range crowd {
		email := apitest.Address("bob")
		ada.Invite(email, "member")
		click := accept(w, email)
		calls = append(calls, func() *apitest.Reply {
			time.Sleep(rand.N(window))
			return click()
		})
	}
	w.Clock.Advance(invites.Lifetime - 2*time.Second)
	expiry := expiryOfLast(t, w, ada)
	w.Clock.Advance(expiry.Sub(w.Clock.Now()) - window/2)
	for range 2 {
		calls = append(calls, func() *apitest.Reply {
			for end := time.Now().Add(window); time.Now().Before(end); {
				w.Sweep()
			}
			return ada.Do("GET", "/v1/me", nil)
		})
	}
	tally := wantOnly(t, apitest.Race(calls...), "200", "410 invitation_expired")
	w.Clock.Advance(time.Minute)
	w.Sweep()
	acme := w.CheckInvariants().Orgs[ada.OrgID]
	wantEntries(t, acme, tally["200"]-2, "invitation.accepted") // two are of the sweepers
	wantEntries(t, acme, tally["410 invitation_expired"], "invitation.expired")
}

// expiryOfLast is when the last invitation of an org expires.
func expiryOfLast(t *testing.T, w *apitest.World, p *apitest.Person) time.Time {
	t.Helper()
	var list struct {
		Data []struct {
			ExpiresAt time.Time `json:"expires_at"`
		}
	}
	p.Do("GET", "/v1/invitations?limit=1", nil).Want(200).Decode(&list)
	return list.Data[0].ExpiresAt
}

// One person is wanted by many orgs and says yes to all at once: one gets them, and the
// others' invitations stay as they were. It makes no difference whether they are known.
func TestRace_oneMembership(t *testing.T) {
	const suitors = 8
	for _, known := range []bool{false, true} {
		t.Run(fmt.Sprint("known ", known), func(t *testing.T) {
			w := apitest.Alone(t)
			email := apitest.Address("bob")
			var calls []call
			for i := range suitors {
				suitor := w.SignUp("Suitor")
				if known && i == 0 {
					suitor.Invite(email, "member")
					suitor.Do("DELETE", "/v1/members/"+w.Join(email).ID, nil).Want(204)
				}
				suitor.Invite(email, "admin")
				calls = append(calls, apitest.Times(crowd/suitors, accept(w, email))...)
			}
			wantOne(t, apitest.Race(calls...), "200", "409 invitation_accepted", "409 already_in_organization")
			members, pending := 0, 0
			for _, o := range w.CheckInvariants().Orgs {
				members += len(o.Members)
				for _, i := range o.Invitations {
					if i.Text("status") == "pending" {
						pending++
					}
				}
			}
			if members != suitors+1 || pending != suitors-1 {
				t.Errorf("%d members and %d pending invitations, want %d and %d", members, pending, suitors+1, suitors-1)
			}
		})
	}
}

// Many invite the same address at once: one invitation and one mail come of it.
func TestRace_oneInvitationPerAddress(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	replies := apitest.Race(apitest.Times(crowd, as(ada, "POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"}))...)
	wantOne(t, replies, "201", "409 invitation_exists")
	if mails := w.Mail.To(email); len(mails) != 1 {
		t.Errorf("%d mails went out", len(mails))
	}
	w.CheckInvariants()
}

// An invitation that is due, but not swept, makes way for exactly one of many new ones.
func TestRace_dueInvitationMakesWayOnce(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	old := ada.Invite(email, "member")
	w.Clock.Advance(invites.Lifetime)
	replies := apitest.Race(apitest.Times(crowd, as(ada, "POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"}))...)
	wantOne(t, replies, "201", "409 invitation_exists")
	wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], 1, "invitation.expired", old)
}

// While somebody says yes, their team and their org cannot be pulled from under them.
func TestRace_acceptAgainstDeletion(t *testing.T) {
	t.Run("of the team", func(t *testing.T) {
		w := apitest.Alone(t)
		ada := w.SignUp("Acme")
		team := ada.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
		email := apitest.Address("bob")
		ada.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member", "team_id": team}).Want(201)
		replies := apitest.Race(append(apitest.Times(crowd/2, as(ada, "DELETE", "/v1/teams/"+team, nil)), accept(w, email))...)
		wantOne(t, replies, "200", "409 team_not_empty")
		w.CheckInvariants()
	})
	t.Run("of the org", func(t *testing.T) {
		w := apitest.Alone(t)
		ada := w.SignUp("Acme")
		slug := ada.Do("GET", "/v1/org", nil).Want(200).Get("slug")
		var calls []call
		for range crowd / 2 {
			email := apitest.Address("bob")
			ada.Invite(email, "member")
			calls = append(calls, accept(w, email))
		}
		calls = append(calls, as(ada, "DELETE", "/v1/org", apitest.Map{"confirm": slug}))
		wantOne(t, apitest.Race(calls...), "204", "200", "410 invitation_revoked")
		w.CheckInvariants()

		w.Clock.Advance(2 * time.Minute)
		w.Sweep()
		for address, u := range w.Books().Users {
			if u.Has("org_id") {
				t.Errorf("%s still belongs to the org that is gone", address)
			}
		}
	})
}

// A team is deleted while its last member leaves, its last invitation is withdrawn and new
// people are invited to it: it goes while it is empty, or stays.
func TestRace_lastSeatOfTeam(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	for range 8 {
		team := ada.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
		toTeam := func() apitest.Map {
			return apitest.Map{"email": apitest.Address("bob"), "role": "member", "team_id": team}
		}
		first := toTeam()
		ada.Do("POST", "/v1/invitations", first).Want(201)
		bob := w.Join(first["email"].(string))
		invited := ada.Do("POST", "/v1/invitations", toTeam()).Want(201).Get("id")
		calls := append(apitest.Times(16, as(ada, "DELETE", "/v1/teams/"+team, nil)),
			as(bob, "POST", "/v1/members/me/leave", nil),
			as(ada, "DELETE", "/v1/invitations/"+invited, nil),
			as(ada, "POST", "/v1/invitations", toTeam()), as(ada, "POST", "/v1/invitations", toTeam()))
		wantOnly(t, apitest.Race(calls...), "204", "409 team_not_empty", "404 not_found", "201", "422 validation_failed")
	}
	w.CheckInvariants()
}
