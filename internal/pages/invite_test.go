package pages

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
)

func TestInvite_saysWhoInvitesWhomToWhat(t *testing.T) {
	w := newWorld()
	rec := w.get("/invite/" + w.inviteToken)
	wantStatus(t, rec, http.StatusOK)
	wantText(t, rec, "Join Acme Robotics", "Grace Hopper", "grace.hopper@acme.com", "bob@acme.com", "Admin",
		authz.Admin.Description(), "Platform", "in 7 days", "Monday, 30 November 2026 at 12:00 UTC",
		`datetime="2026-11-30T12:00:00Z"`, "Invite people and set their roles")
}

func TestInvite_htmlInNamesIsText(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>"'&`
	w := newWorld()
	w.offer.Org.Name, w.offer.TeamName, w.offer.Inviter.Name = evil, evil, evil
	rec := w.get("/invite/" + w.inviteToken)
	wantStatus(t, rec, http.StatusOK)
	wantNoText(t, rec, "<img")
	wantNoText(t, w.post("/signin", "email", `"><img src=x>`), "<img")
	wantNoText(t, w.post("/signup", "email", `"><img src=x>`, "org_name", `"><img src=x>`), "<img")
	wantNoText(t, w.post("/invite/"+w.inviteToken, "name", `"><img src=x>.evil.example`), "<img")
}

func TestInvite_accept(t *testing.T) {
	w := newWorld()
	w.user.OrgID = ""
	wantIn(t, w.post("/invite/"+w.inviteToken, "name", "Bob Kahn"), "/acme/team")
	if w.invitationName != "Bob Kahn" {
		t.Errorf("joined as %q", w.invitationName)
	}
}

func TestInvite_acceptWithoutName(t *testing.T) {
	w := newWorld()
	wantIn(t, w.post("/invite/"+w.inviteToken), "/acme/team")
}

func TestInvite_badNameShowsTheInvitationAgain(t *testing.T) {
	w := newWorld()
	rec := w.post("/invite/"+w.inviteToken, "name", "www.evil.example")
	wantStatus(t, rec, http.StatusUnprocessableEntity)
	wantText(t, rec, "Join Acme Robotics", `id="name-error"`, `value="www.evil.example"`)
	if w.writes > 0 {
		t.Error("something was written")
	}
}

func TestInvite_decline(t *testing.T) {
	w := newWorld()
	shown := w.get("/invite/" + w.inviteToken)
	wantText(t, shown, `formaction="/invite/`+w.inviteToken+`/decline" formnovalidate>Decline</button>`)
	if last := strings.LastIndex(shown.Body.String(), "</details>"); last > strings.Index(shown.Body.String(), ">Accept and join<") {
		t.Error("declining hides")
	}
	rec := w.post("/invite/" + w.inviteToken + "/decline")
	wantStatus(t, rec, http.StatusOK)
	wantText(t, rec, "You declined")
	if w.writes != 1 {
		t.Errorf("%d writes", w.writes)
	}
}

// Whatever keeps an invitation from being shown, accepted or declined is a page with a
// status and a way on.
func TestInvite_faults(t *testing.T) {
	status := func(s invites.Status) func(*world) { return func(w *world) { w.offer.Invitation.Status = s } }
	for _, c := range []struct {
		name   string
		spoil  func(*world)
		status int
		says   []string
	}{
		{"expired", func(w *world) { w.offer.Invitation.ExpiresAt = noon }, 410, []string{"Invitation expired", "send it again"}},
		{"revoked", status(invites.Revoked), 410, []string{"Invitation withdrawn"}},
		{"accepted", status(invites.Accepted), 409, []string{"already accepted", `href="/signin">Sign in`}},
		{"declined", status(invites.Declined), 409, []string{"Invitation declined"}},
		{"org gone", func(w *world) { w.offer.Org.DeletedAt = noon }, 410, []string{invites.ErrOrgGone.Detail}},
		{"resent since", func(w *world) { w.offer.Invitation.Hash = "other" }, 404, []string{invites.ErrUnknownLink.Detail}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			c.spoil(w)
			path := "/invite/" + w.inviteToken
			shown, accepted, declined := w.get(path), w.post(path), w.post(path+"/decline")
			wantStatus(t, shown, c.status)
			wantStatus(t, accepted, c.status)
			wantStatus(t, declined, c.status)
			wantText(t, shown, c.says...)
			wantText(t, accepted, c.says...)
			if w.writes > 0 {
				t.Error("something was written")
			}
		})
	}
}

func TestInvite_inviterLostStanding(t *testing.T) {
	w := newWorld()
	w.offer.Inviter.Role = authz.Member
	shown := w.get("/invite/" + w.inviteToken)
	wantStatus(t, shown, http.StatusGone)
	w.err = invites.ErrInviterLost // what the database says at accept
	accepted := w.post("/invite/" + w.inviteToken)
	wantStatus(t, accepted, http.StatusGone)
	if shown.Body.String() != accepted.Body.String() {
		t.Error("looking and accepting say different things")
	}
	wantText(t, shown, "may no longer invite to this role")
}

func TestInvite_acceptFails(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		says   []string
	}{
		{members.ErrAlreadyInOrganization, 409, []string{"Leave it first", `href="/signin">Sign in to leave it`}},
		{fault.ErrUnavailable, 503, []string{"Join Acme Robotics", fault.ErrUnavailable.Detail}},
		{errors.New("table nemo is on fire"), 500, []string{"Something went wrong", "<code>", "Try again"}},
	} {
		w := newWorld()
		w.err = c.err
		rec := w.post("/invite/" + w.inviteToken)
		wantStatus(t, rec, c.status)
		wantText(t, rec, c.says...)
		wantNoText(t, rec, "fire")
		if rec.Header().Get("Set-Cookie") != "" {
			t.Errorf("%v let somebody in", c.err)
		}
	}
}

func TestInvite_unknownLink(t *testing.T) {
	rec := newWorld().get("/invite/nonsense")
	wantStatus(t, rec, http.StatusNotFound)
	wantText(t, rec, invites.ErrUnknownLink.Detail)
}

func TestIn(t *testing.T) {
	for d, want := range map[time.Duration]string{
		7 * 24 * time.Hour:              "in 7 days",
		7*24*time.Hour - time.Minute:    "in 7 days",
		24 * time.Hour:                  "in 1 day",
		24*time.Hour - time.Second:      "in 24 hours",
		90 * time.Minute:                "in 2 hours",
		time.Hour:                       "in 1 hour",
		59*time.Minute + 40*time.Second: "in 60 minutes",
		time.Minute:                     "in 1 minute",
		30 * time.Second:                "in less than a minute",
	} {
		if got := in(d); got != want {
			t.Errorf("in(%v) = %q, want %q", d, got, want)
		}
	}
}
