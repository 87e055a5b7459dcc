package apitest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/invites"
	membership "github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/outbox"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/users"
)

// A sweep that comes to send a mail late looks whether it is still to be sent: what was
// resent, revoked, complained of or taken by another sweep meanwhile is not mailed again.
func TestStale_lateMails(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(s shop)
		mails     int
	}{
		"resent":  {shop.resend, 1},
		"revoked": {func(s shop) { s.Owner.Do("DELETE", "/v1/invitations/"+s.invitation, nil).Want(204) }, 0},
		"swept":   {func(s shop) { s.Owner.Sweep() }, 1},
		"complained of": {func(s shop) {
			if err := s.Owner.Store.SaveOutcome(t.Context(), s.Owner.OrgID, s.invitation, "", invites.Complained); err != nil {
				t.Error(err)
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			s := shop{Cast: apitest.Cast{Owner: w.SignUp("Acme")}, guest: email("guest")}
			w.Mail.Fail(true)
			s.invitation = s.Owner.Invite(s.guest, "viewer")
			w.Mail.Fail(false)
			w.Clock.Advance(time.Hour)
			mend := w.Wire.Break(apitest.Meanwhile("UpdateItem", func() { c.meanwhile(s) }))
			w.Sweep()
			mend()
			if sent := w.Mail.To(s.guest); len(sent) != c.mails {
				t.Errorf("%d mails, want %d", len(sent), c.mails)
			}
			if c.mails > 0 {
				w.Join(s.guest)
			}
			w.CheckInvariants()
		})
	}
}

// An invitation that is resent while the sweep is about to expire it stays pending.
func TestStale_resentWhileItExpires(t *testing.T) {
	w := apitest.Alone(t)
	s := shop{Cast: apitest.Cast{Owner: w.SignUp("Acme")}, guest: email("guest")}
	s.invitation = s.Owner.Invite(s.guest, "viewer")
	w.Clock.Advance(invites.Lifetime)
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", s.resend))
	if report := w.Sweep(); report.Expired != 0 || report.Failed != 0 {
		t.Errorf("got %+v", report)
	}
	mend()
	w.Join(s.guest)
	w.CheckInvariants()
}

// A link that a resend has replaced while it was being taken takes nothing; the new one does.
func TestStale_resentWhileItIsAccepted(t *testing.T) {
	w := apitest.Alone(t)
	s := shop{Cast: apitest.Cast{Owner: w.SignUp("Acme")}, guest: email("guest")}
	s.invitation = s.Owner.Invite(s.guest, "viewer")
	first := apitest.Map{"token": s.guestsLink()}
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", s.resend))
	w.Stranger().Do("POST", "/v1/invitations/accept", first).WantProblem(404, "not_found")
	mend()
	w.Join(s.guest)
	w.CheckInvariants()
}

// What became of an invitation while its mail went out is not undone by the note that it
// went: a new link stays the good one and is mailed, and a bounce is not forgotten.
func TestStale_notesOfMails(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(s shop)
		delivery  string
		link      int // what the first link answers then
		mails     int // that have gone out after the next sweep
	}{
		"resent, and the mail fails": {func(s shop) {
			s.Owner.Mail.Fail(true)
			s.resend()
			s.Owner.Mail.Fail(false)
		}, "queued", 404, 2},
		"revoked": {func(s shop) { s.Owner.Do("DELETE", "/v1/invitations/"+s.invitation, nil).Want(204) }, "queued", 410, 1},
		"bounced": {func(s shop) {
			if err := s.Owner.Store.SaveOutcome(t.Context(), s.Owner.OrgID, s.invitation, "", invites.Bounced); err != nil {
				t.Error(err)
			}
		}, "bounced", 200, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			s := shop{Cast: apitest.Cast{Owner: w.SignUp("Acme")}, guest: email("guest")}
			mend := w.Wire.Break(apitest.Meanwhile("UpdateItem", func() {
				s.invitation = apitest.Column(s.Owner.List("/v1/invitations"), "id")[0]
				c.meanwhile(s)
			}))
			id := s.Owner.Invite(s.guest, "viewer")
			mend()
			if got := s.Owner.Do("GET", "/v1/invitations/"+id, nil).Get("delivery"); got != c.delivery {
				t.Errorf("its mail is %s, want %s", got, c.delivery)
			}
			w.CheckInvariants()
			w.Stranger().Do("POST", "/v1/invitations/preview", apitest.Map{"token": s.guestsLink()}).Want(c.link)
			w.Clock.Advance(time.Hour)
			w.Sweep()
			if sent := w.Mail.To(s.guest); len(sent) != c.mails {
				t.Errorf("%d mails, want %d", len(sent), c.mails)
			}
		})
	}
}

// Of two sweeps that end a purge at once each is done, and one records it.
func TestStale_purgesThatEnd(t *testing.T) {
	w := apitest.Alone(t)
	owner, slug := doomed(w)
	mend := w.Wire.Break(apitest.BeforeWrite("purged_at", func() { w.Sweep() }))
	if report := w.Sweep(); report.Failed != 0 {
		t.Errorf("got %+v", report)
	}
	mend()
	wantPurged(t, w, owner, slug)
}

// The store itself refuses what the operations above it look out for: time and place are in
// its conditions, not only in a check before.
func TestStale_theStoreDecides(t *testing.T) {
	w := apitest.Alone(t)
	s := openShop(t, w)
	entry := func(action audit.Action) audit.Entry {
		now := w.Clock.Now()
		return audit.Record(now, authz.Actor{OrgID: s.Owner.OrgID}, action, audit.Target{Type: audit.Org, ID: ident.New(now)}, nil, nil)
	}
	store, ctx, before := w.Store, t.Context(), w.Items()
	i, err := store.Invitation(ctx, s.Owner.OrgID, s.invitation)
	if err != nil {
		t.Fatal(err)
	}
	i.Status = invites.Declined
	if err := store.EndInvitation(ctx, i, i.ExpiresAt, entry(audit.InvitationDeclined)); !errors.Is(err, invites.ErrNotPending) {
		t.Errorf("declined when it is due: %v", err)
	}
	if err := store.SaveAcceptance(ctx, acceptanceOf(i, i.ExpiresAt)); !errors.Is(err, invites.ErrNotPending) {
		t.Errorf("accepted when it is due: %v", err)
	}
	org, err := store.Org(ctx, s.Owner.OrgID)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.FinishPurge(ctx, org, entry(audit.OrgPurged)); err != nil {
		t.Errorf("purging who lives: %v", err)
	}
	if err := store.SaveTold(ctx, outbox.Notice{ID: w.NoID(), OrgID: org.ID, Told: []string{"bob@example.com"}}); err != nil {
		t.Errorf("noting who was told of what is done: %v", err)
	}
	for key, item := range w.Items() {
		if before[key] != item {
			t.Errorf("written: %s %s", key, item)
		}
	}
}

// acceptanceOf is what somebody new accepts at a moment, whatever that moment is.
func acceptanceOf(i invites.Invitation, now time.Time) invites.Acceptance {
	user := users.User{ID: ident.New(now), Email: i.Email, Name: "Guest", OrgID: i.OrgID, CreatedAt: now}
	member := membership.New(now, user, i.OrgID, i.TeamID, i.Role)
	return invites.Acceptance{
		Invitation: i, Now: now, Claim: users.Claim{New: true, User: user}, Member: member,
		Session: sessions.Issue(now, member, authz.Request{}).Session, Granters: authz.Granters(i.Role),
		Audit: audit.Record(now, member.Actor(authz.ViaLink, authz.Request{}), audit.InvitationAccepted, i.Target(), nil, nil),
	}
}
