package apitest_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// moment is when the last entry of an action was made in an org.
func moment(t *testing.T, w *apitest.World, org, action string) time.Time {
	t.Helper()
	var last time.Time
	for _, e := range w.Books().Orgs[org].Audit {
		if at := e.Time("at"); e.Text("action") == action && at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		t.Fatalf("org %s has no entry of %s", org, action)
	}
	return last
}

// What is due and unswept expires before the invitation that takes its place is created.
func TestRecord_expiredBeforeTheNextIsCreated(t *testing.T) {
	w := apitest.Alone(t)
	ada, guest := w.SignUp("Acme"), email("guest")
	ada.Invite(guest, "member")
	w.Clock.Advance(invites.Lifetime)
	ada.Invite(guest, "viewer")
	if expired, created := moment(t, w, ada.OrgID, "invitation.expired"), moment(t, w, ada.OrgID, "invitation.created"); created.Before(expired) {
		t.Errorf("one was created at %v, and the one before expired at %v", created, expired)
	}
	actions := apitest.Column(ada.List("/v1/audit"), "action")
	if want := []string{"invitation.created", "invitation.expired", "invitation.created"}; !slices.Equal(actions[:3], want) {
		t.Errorf("the record begins with %q, want %q", actions[:3], want)
	}
	w.CheckInvariants()
}

// linkToFound is of somebody who asked to found an org when they were in none; they are in one again.
func linkToFound(w *apitest.World, p *apitest.Person) (token string) {
	p.Do("POST", "/v1/members/me/leave", nil).Want(204)
	askToFound(w, p.Email, apitest.Source()).Want(202)
	token = w.Mail.Token(p.Email)
	w.SignUp("Cord").Invite(p.Email, "member")
	*p = *w.Join(p.Email)
	return token
}

// Whoever leaves one org while they join or found another had left before they did.
func TestRecord_leftBeforeTheyJoined(t *testing.T) {
	for name, join := range map[string]func(t *testing.T, w *apitest.World, bob *apitest.Person, leaving func()) (at time.Time){
		"by accepting": func(t *testing.T, w *apitest.World, bob *apitest.Person, leaving func()) time.Time {
			bolt := w.SignUp("Bolt")
			bolt.Invite(bob.Email, "member")
			defer w.Wire.Break(apitest.Meanwhile("TransactWriteItems", leaving))()
			w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(bob.Email)}).Want(200)
			return moment(t, w, bolt.OrgID, "invitation.accepted")
		},
		"by founding": func(t *testing.T, w *apitest.World, bob *apitest.Person, leaving func()) time.Time {
			link := apitest.Map{"token": linkToFound(w, bob)}
			defer w.Wire.Break(apitest.Meanwhile("TransactWriteItems", leaving))()
			r := w.Stranger().Do("POST", "/v1/signup/confirm", link).Want(201)
			return moment(t, w, r.Get("org.id"), "org.created")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			bob := w.SignUp("Acme").Hire("member")
			joined := join(t, w, bob, func() { bob.Do("POST", "/v1/members/me/leave", nil).Want(204) })
			if left := moment(t, w, bob.OrgID, "member.left"); joined.Before(left) {
				t.Errorf("they joined at %v and left at %v", joined, left)
			}
			w.CheckInvariants()
		})
	}
}

// Whoever became a viewer and a member again while a key of theirs was being made has a key
// that is younger than the end of the others.
func TestRecord_keysEndedBeforeTheNextWasMade(t *testing.T) {
	w := apitest.Alone(t)
	org := w.Cast()
	mend := w.Wire.Break(apitest.Meanwhile("GetItem", func() {
		for _, role := range []string{"viewer", "member"} {
			org.Owner.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": role}).Want(200)
		}
	}))
	key := org.Member.Do("POST", "/v1/keys", apitest.Map{"name": "CI", "scopes": []string{"manage"}}).Want(201).Get("key")
	mend()
	impostor(w, key).Do("GET", "/v1/me", nil).Want(200)
	w.CheckInvariants()
}
