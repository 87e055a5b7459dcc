package apitest_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// What became of a mail shows on its invitation, and nothing on another.
func TestFeedback_showsOnTheInvitation(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	id := ada.Invite(email, "member")
	letter := letterOf(t, w, ada.OrgID, id)
	tell := func(outcome invites.Delivery, letter string) string {
		t.Helper()
		notice := feedback.Notice{
			Outcome: outcome, At: w.Clock.Now(), Recipients: []string{email, "no address"},
			OrgID: ada.OrgID, InvitationID: id, LetterID: letter,
		}
		if err := (feedback.Recorder{Store: w.Store}).Record(t.Context(), notice); err != nil {
			t.Fatal(err)
		}
		return ada.Do("GET", "/v1/invitations/"+id, nil).Want(200).Get("delivery")
	}
	if got := tell(invites.Bounced, "0123456789abcdef"); got != "sent" {
		t.Errorf("another mail bounced: %s", got)
	}
	if got := tell(invites.Bounced, letter); got != "bounced" {
		t.Errorf("the mail bounced: %s", got)
	}
	ada.Do("POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
	if got := tell(invites.Bounced, letter); got != "sent" {
		t.Errorf("the mail before the last bounced: %s", got)
	}
	letter = letterOf(t, w, ada.OrgID, id)
	w.Join(email)
	if got := tell(invites.Complained, letter); got != "complained" {
		t.Errorf("somebody complained after joining: %s", got)
	}
	if got := tell(invites.Bounced, letter); got != "complained" {
		t.Errorf("a bounce hid a complaint: %s", got)
	}
	w.CheckInvariants() // what has ended is not due again
}

// What becomes of a mail after its invitation has ended leaves nothing to be swept.
func TestFeedback_afterTheEnd(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	id := ada.Invite(email, "member")
	letter := letterOf(t, w, ada.OrgID, id)
	w.Join(email)
	err := feedback.Recorder{Store: w.Store}.Record(t.Context(), feedback.Notice{
		Outcome: invites.Bounced, At: w.Clock.Now(), OrgID: ada.OrgID, InvitationID: id, LetterID: letter,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := ada.Do("GET", "/v1/invitations/"+id, nil).Want(200).Get("delivery"); got != "bounced" {
		t.Errorf("the mail bounced: %s", got)
	}
	w.CheckInvariants()
}

// Who complains gets no more mails; who bounces does.
func TestFeedback_complaintsSuppress(t *testing.T) {
	w := apitest.New(t)
	for outcome, want := range map[invites.Delivery]bool{invites.Bounced: false, invites.Complained: true} {
		email := apitest.Address("bob")
		notice := feedback.Notice{Outcome: outcome, At: w.Clock.Now(), Recipients: []string{"  " + email}}
		for range 2 { // SNS delivers at least once
			if err := (feedback.Recorder{Store: w.Store}).Record(t.Context(), notice); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := w.Store.Unwanted(t.Context(), []string{email}); err != nil || got[email] != want {
			t.Errorf("%s: suppressed %v, %v", outcome, got, err)
		}
	}
}

func letterOf(t *testing.T, w *apitest.World, orgID, id string) string {
	t.Helper()
	inv, err := w.Store.Invitation(t.Context(), orgID, id)
	if err != nil {
		t.Fatal(err)
	}
	return inv.LetterID()
}

// Somebody who complained gets no more mails: invitations show as failed, and asking for a
// link answers as always.
func TestComplainersGetNoMail(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("annoyed")
	if err := w.Store.Suppress(t.Context(), email, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	made := ada.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"}).Want(201)
	if got := made.Get("delivery"); got != "failed" {
		t.Errorf("the invitation is %s, want failed", got)
	}
	ada.Do("POST", "/v1/invitations/"+made.Get("id")+"/resend", nil).Want(200)
	for path, body := range map[string]apitest.Map{
		"/v1/sessions": {"email": email}, "/v1/signup": {"email": email, "org_name": "Theirs"},
	} {
		ask := func() *apitest.Reply {
			return w.Stranger().Do("POST", path, body, "X-Remote-Addr", apitest.Source())
		}
		before := len(w.Mail.To(""))
		ask().Want(202)
		if n := len(w.Mail.To("")) - before; n != 1 { // SES is called all the same: time tells nothing
			t.Errorf("%s called for %d mails to nobody, want 1", path, n)
		}
		w.Mail.Fail(true)
		ask().WantProblem(503, "unavailable") // as it is for others
		w.Mail.Fail(false)
	}
	if sent := w.Mail.To(email); len(sent) > 0 {
		t.Errorf("mails went out all the same: %v", sent)
	}
}
