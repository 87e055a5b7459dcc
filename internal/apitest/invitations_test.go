package apitest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// offer is one invitation and all who can do something with it.
type offer struct {
	*apitest.World
	owner *apitest.Person
	email string
	id    string
	token string // of the last mail
}

// anOffer is a pending invitation to an org of its own.
func anOffer(w *apitest.World) *offer {
	o := &offer{World: w, owner: w.SignUp("Acme"), email: email("guest")}
	o.id = o.owner.Invite(o.email, "member")
	o.token = w.Mail.Token(o.email)
	return o
}

func (o *offer) link(act string) *apitest.Reply {
	return o.Stranger().Do("POST", "/v1/invitations/"+act, apitest.Map{"token": o.token})
}
func (o *offer) accept() *apitest.Reply  { return o.link("accept") }
func (o *offer) decline() *apitest.Reply { return o.link("decline") }
func (o *offer) preview() *apitest.Reply { return o.link("preview") }
func (o *offer) revoke() *apitest.Reply {
	return o.owner.Do("DELETE", "/v1/invitations/"+o.id, nil)
}
func (o *offer) resend() *apitest.Reply {
	return o.owner.Do("POST", "/v1/invitations/"+o.id+"/resend", nil)
}
func (o *offer) invite() *apitest.Reply {
	return o.owner.Do("POST", "/v1/invitations", apitest.Map{"email": o.email, "role": "viewer"})
}
func (o *offer) status() string {
	return o.owner.Do("GET", "/v1/invitations/"+o.id, nil).Want(200).Get("status")
}
func (o *offer) runOut() { o.Clock.Advance(invites.Lifetime) }

// The life of an invitation: however it left pending, what everything else answers then.
func TestInvitations_life(t *testing.T) {
	exits := []struct {
		name, status string
		leave        func(*offer)
		accept, decline, preview, revoke,
		resend, invite string // the address again
	}{
		{"pending", "pending", func(*offer) {},
			"200 ", "204 ", "200 ", "204 ", "200 ", "409 invitation_exists"},
		{"accepted", "accepted", func(o *offer) { o.accept().Want(200) },
			"409 invitation_accepted", "409 invitation_accepted", "409 invitation_accepted", "409 invitation_accepted",
			"409 invitation_accepted", "409 already_member"},
		{"declined", "declined", func(o *offer) { o.decline().Want(204) },
			"409 invitation_declined", "409 invitation_declined", "409 invitation_declined", "409 invitation_declined",
			"409 invitation_declined", "201 "},
		{"revoked", "revoked", func(o *offer) { o.revoke().Want(204) },
			"410 invitation_revoked", "410 invitation_revoked", "410 invitation_revoked", "410 invitation_revoked",
			"410 invitation_revoked", "201 "},
		{"run out, not swept", "expired", (*offer).runOut,
			"410 invitation_expired", "410 invitation_expired", "410 invitation_expired", "410 invitation_expired",
			"200 ", "201 "},
		{"run out, turned to expired", "expired", func(o *offer) {
			o.runOut()
			again := o.invite().Want(201).Get("id") // whatever is due makes way, and is expired for it
			o.owner.Do("DELETE", "/v1/invitations/"+again, nil).Want(204)
		},
			"410 invitation_expired", "410 invitation_expired", "410 invitation_expired", "410 invitation_expired",
			"200 ", "201 "},
	}
	for _, x := range exits {
		acts := map[string]struct {
			act  func(*offer) *apitest.Reply
			want string
		}{
			"accept": {(*offer).accept, x.accept}, "decline": {(*offer).decline, x.decline}, "preview": {(*offer).preview, x.preview},
			"revoke": {(*offer).revoke, x.revoke}, "resend": {(*offer).resend, x.resend}, "invite again": {(*offer).invite, x.invite},
		}
		for name, a := range acts {
			t.Run(x.name+"/"+name, func(t *testing.T) {
				o := anOffer(apitest.New(t))
				x.leave(o)
				if got := o.status(); got != x.status {
					t.Fatalf("it is %s, want %s", got, x.status)
				}
				if got := label(a.act(o)); got != a.want {
					t.Errorf("got %q, want %q", got, a.want)
				}
			})
		}
	}
}

// An accept does all of it: user, membership in role and team, seat, session, record.
func TestInvitations_acceptDoesAllOfIt(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	owner.Do("PATCH", "/v1/me", apitest.Map{"name": "Grace"}).Want(200)
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	guest := email("guest")
	id := owner.Do("POST", "/v1/invitations", apitest.Map{"email": guest, "role": "admin", "team_id": team}).Want(201).Get("id")
	counts := func() string {
		r := owner.Do("GET", "/v1/teams/"+team, nil).Want(200)
		return r.Get("members") + " in, " + r.Get("pending_invitations") + " invited"
	}
	if got := counts(); got != "0 in, 1 invited" {
		t.Error(got)
	}

	link := apitest.Map{"token": w.Mail.Token(guest)}
	seen := w.Stranger().Do("POST", "/v1/invitations/preview", link).Want(200)
	for field, want := range map[string]string{
		"org_name": "Acme", "inviter_name": "Grace", "email": guest, "role": "admin", "team_name": "Research",
	} {
		if got := seen.Get(field); got != want {
			t.Errorf("the preview's %s is %q, want %q", field, got, want)
		}
	}
	link["name"] = "Ada Lovelace"
	joined := w.Stranger().Do("POST", "/v1/invitations/accept", link).Want(200)
	for field, want := range map[string]string{
		"email": guest, "name": "Ada Lovelace", "role": "admin", "litellm_role": "org_admin", "team_id": team,
	} {
		if got := joined.Get("membership." + field); got != want {
			t.Errorf("the membership's %s is %q, want %q", field, got, want)
		}
	}
	if got := counts(); got != "1 in, 0 invited" {
		t.Error(got)
	}
	userID := joined.Get("membership.user_id")
	impostor(w, joined.Get("session.token")).Do("GET", "/v1/me", nil).Want(200)
	(&apitest.Person{World: w, Token: cookieOf(t, joined)}).Browse("GET", "/v1/me", "").Want(200)
	entries := owner.List("/v1/audit?target=" + id)
	if len(entries) != 2 || entries[0]["action"] != "invitation.accepted" || entries[1]["action"] != "invitation.created" {
		t.Fatalf("recorded %v", entries)
	}
	if actor := entries[0]["actor"].(apitest.Map); actor["user_id"] != userID || actor["via"] != "link" {
		t.Errorf("accepted by %v", actor)
	}
}

// cookieOf returns the session that an answer sets as a cookie.
func cookieOf(t *testing.T, r *apitest.Reply) string {
	t.Helper()
	cookies := (&http.Response{Header: r.Header}).Cookies()
	if len(cookies) != 1 {
		t.Fatalf("%d cookies", len(cookies))
	}
	c := cookies[0]
	if c.Name != "__Host-nemo_session" || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
	return c.Value
}

// A resend kills the old link, gives seven whole days and makes the resender the inviter.
func TestInvitations_resend(t *testing.T) {
	for name, wait := range map[string]time.Duration{"pending": 6 * 24 * time.Hour, "expired": 10 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			o := anOffer(apitest.New(t))
			o.Clock.Advance(wait)
			admin := o.owner.Hire("admin")
			again := admin.Do("POST", "/v1/invitations/"+o.id+"/resend", nil).Want(200)
			if again.Get("id") != o.id || again.Get("status") != "pending" || again.Get("invited_by.user_id") != admin.ID {
				t.Errorf("resent: %s", again.Body)
			}
			for _, act := range []func() *apitest.Reply{o.preview, o.accept, o.decline} {
				act().WantProblem(404, "not_found")
			}
			if o.status() != "pending" {
				t.Fatal("the dead link did something")
			}
			o.token = o.Mail.Token(o.email)
			o.Clock.Advance(invites.Lifetime - time.Minute)
			o.preview().Want(200)
			o.Clock.Advance(2 * time.Minute)
			o.accept().WantProblem(410, "invitation_expired")
			o.owner.Do("POST", "/v1/invitations/"+o.id+"/resend", nil).Want(200)
			o.Join(o.email)
		})
	}
}

// An expired invitation cannot be resent past what happened to its address since.
func TestInvitations_resendAfterTheAddressWasTaken(t *testing.T) {
	o := anOffer(apitest.New(t))
	o.runOut()
	o.invite().Want(201)
	o.resend().WantProblem(409, "invitation_exists")
	o.Join(o.email)
	o.resend().WantProblem(409, "already_member")
}

// An invitation that is due never blocks the next one, alone or in bulk, and leaves its
// own entry behind.
func TestInvitations_dueOneNeverBlocks(t *testing.T) {
	o := anOffer(apitest.New(t))
	o.runOut()
	r := o.owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": []any{
		apitest.Map{"email": o.email, "role": "admin"},
	}})
	fresh := r.Row(0).Want(201).Get("id")
	if got := o.status(); got != "expired" || fresh == o.id {
		t.Errorf("the old one is %s", got)
	}
	if n := len(o.owner.List("/v1/audit?action=invitation.expired&target=" + o.id)); n != 1 {
		t.Errorf("%d entries tell that it expired", n)
	}
	if got := o.owner.Do("GET", "/v1/teams/"+o.owner.TeamID, nil).Want(200).Get("pending_invitations"); got != "1" {
		t.Errorf("the team counts %s pending", got)
	}
	o.accept().WantProblem(410, "invitation_expired")
	o.Join(o.email)
}

// Nor does it block an older one's resend.
func TestInvitations_dueOneNeverBlocksAResend(t *testing.T) {
	o := anOffer(apitest.New(t))
	o.runOut()
	next := o.invite().Want(201).Get("id")
	o.Clock.Advance(8 * 24 * time.Hour)
	o.resend().Want(200)
	if got := o.owner.Do("GET", "/v1/invitations/"+next, nil).Want(200).Get("status"); got != "expired" {
		t.Errorf("the one in between is %s", got)
	}
	o.Join(o.email)
}

// Reading a link, by whatever method a mail scanner likes, changes nothing.
func TestInvitations_lookingChangesNothing(t *testing.T) {
	w := apitest.Alone(t)
	o := anOffer(w)
	wantNothingWritten(t, w, func() {
		for range 3 {
			o.preview().Want(200)
			for _, act := range []string{"preview", "accept", "decline"} {
				for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT"} {
					if r := w.Stranger().Do(method, "/v1/invitations/"+act+"?token="+o.token, nil); r.Status < 400 {
						t.Errorf("%s %s: %d", method, act, r.Status)
					}
				}
			}
			for _, method := range []string{"GET", "HEAD"} {
				w.Stranger().Do(method, "/invite/"+o.token, nil).Want(200)
			}
		}
	})
	o.accept().Want(200)
}

// Whoever invited must still be able to when the invitation is accepted. Else the accept
// says why not, nothing is taken, and somebody else can resend it.
func TestInvitations_inviterLost(t *testing.T) {
	losses := map[string]func(owner, inviter *apitest.Person){
		"demoted": func(owner, inviter *apitest.Person) {
			owner.Do("PATCH", "/v1/members/"+inviter.ID, apitest.Map{"role": "member"}).Want(200)
		},
		"removed": func(owner, inviter *apitest.Person) { owner.Do("DELETE", "/v1/members/"+inviter.ID, nil).Want(204) },
		"left":    func(_, inviter *apitest.Person) { inviter.Do("POST", "/v1/members/me/leave", nil).Want(204) },
	}
	for name, lose := range losses {
		for _, role := range []string{"admin", "viewer"} {
			t.Run(name+"/"+role, func(t *testing.T) {
				w := apitest.New(t)
				owner := w.SignUp("Acme")
				inviter := owner.Hire("admin")
				o := &offer{World: w, owner: owner, email: email("guest")}
				o.id = inviter.Invite(o.email, role)
				o.token = w.Mail.Token(o.email)
				lose(owner, inviter)
				for _, act := range []func() *apitest.Reply{o.preview, o.accept} {
					r := act().WantProblem(410, "invitation_revoked")
					if !strings.Contains(r.Get("detail"), "person who sent this invitation") {
						t.Errorf("it does not say why: %s", r.Body)
					}
				}
				owner.Do("POST", "/v1/invitations/"+o.id+"/resend", nil).Want(200)
				if got := w.Join(o.email).Do("GET", "/v1/me", nil).Get("role"); got != role {
					t.Errorf("joined as %s", got)
				}
			})
		}
	}
}

// An inviter who gave the ownership away, or came back with less, is judged by what they
// are when it counts.
func TestInvitations_inviterJudgedAsTheyAre(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	admin, guest := owner.Hire("admin"), email("guest")
	owner.Invite(guest, "admin")
	owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": admin.ID}).Want(200)
	w.Join(guest) // the old owner is an admin now, and may still

	another := email("another")
	owner.Invite(another, "admin")
	owner.Do("POST", "/v1/members/me/leave", nil).Want(204)
	admin.Invite(owner.Email, "member")
	w.Join(owner.Email)
	w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(another)}).
		WantProblem(410, "invitation_revoked")
}

// Mail that cannot be sent does not fail the call: the invitation stays queued, and is sent
// when asked again.
func TestInvitations_delivery(t *testing.T) {
	w := apitest.New(t)
	owner, guest := w.SignUp("Acme"), email("guest")
	w.Mail.Fail(true)
	created := owner.Do("POST", "/v1/invitations", apitest.Map{"email": guest, "role": "member"}).Want(201)
	if got := created.Get("delivery"); got != "queued" {
		t.Errorf("without mail it is %s", got)
	}
	path := "/v1/invitations/" + created.Get("id")
	if got := owner.Do("GET", path, nil).Want(200).Get("delivery"); got != "queued" {
		t.Errorf("it is read as %s", got)
	}
	w.Mail.Fail(false)
	if got := owner.Do("POST", path+"/resend", nil).Want(200).Get("delivery"); got != "sent" {
		t.Errorf("resent, it is %s", got)
	}
	if got := owner.Do("GET", path, nil).Want(200).Get("delivery"); got != "sent" {
		t.Errorf("it is read as %s", got)
	}
	w.Join(guest)
}

// A bulk call answers for each row, in order: good rows succeed whatever the others are.
func TestInvitations_bulk(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	member, pending := owner.Hire("member"), email("pending")
	owner.Invite(pending, "viewer")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	twice, late := email("twice"), email("late")
	rows := []struct {
		row  apitest.Map
		want string
	}{
		{apitest.Map{"email": email("a"), "role": "admin"}, "201 "},
		{apitest.Map{"email": "no address", "role": "member"}, "422 validation_failed"},
		{apitest.Map{"email": twice, "role": "member"}, "201 "},
		{apitest.Map{"email": strings.ToUpper(twice), "role": "viewer"}, "409 invitation_exists"},
		{apitest.Map{"email": email("b"), "role": "boss"}, "422 validation_failed"},
		{apitest.Map{"email": email("c"), "role": "owner"}, "403 role_too_high"},
		{apitest.Map{"email": pending, "role": "member"}, "409 invitation_exists"},
		{apitest.Map{"email": member.Email, "role": "admin"}, "409 already_member"},
		{apitest.Map{"email": late, "role": "member", "team_id": w.NoID()}, "422 validation_failed"},
		{apitest.Map{"email": late, "role": "member", "team_id": team}, "201 "}, // the row before made nothing
		{apitest.Map{"email": email("d"), "role": "viewer", "team_id": team}, "201 "},
	}
	var sent []any
	for _, r := range rows {
		sent = append(sent, r.row)
	}
	answer := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": sent}).Want(200)
	created := 0
	for i, r := range rows {
		got := answer.Row(i)
		if label(got) != r.want {
			t.Errorf("row %d: got %q, want %q: %s", i, label(got), r.want, got.Body)
		}
		if got.Status == 422 && !strings.Contains(string(got.Body), fmt.Sprintf(`"body.invitations[%d].`, i)) {
			t.Errorf("row %d does not say where: %s", i, got.Body)
		}
		if got.Status == 201 {
			created++
			if address := got.Get("email"); len(w.Mail.To(address)) != 1 || address != strings.ToLower(r.row["email"].(string)) {
				t.Errorf("row %d went to %s", i, address)
			}
		}
	}
	if answer.Get("created") != fmt.Sprint(created) || answer.Get("failed") != fmt.Sprint(len(rows)-created) {
		t.Errorf("counted %s created, %s failed", answer.Get("created"), answer.Get("failed"))
	}
	if n := owner.Recorded("invitation.created"); n != created+2 { // with the two before
		t.Errorf("%d entries", n)
	}
}

// A hundred at once, each mailed once, in order.
func TestInvitations_bulkOfAHundred(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	rows := manyRows(100)
	answer := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows}).Want(200)
	for i, row := range rows {
		got, address := answer.Row(i).Want(201), row.(apitest.Map)["email"].(string)
		if got.Get("email") != address || got.Get("delivery") != "sent" || len(w.Mail.To(address)) != 1 {
			t.Errorf("row %d: %s", i, got.Body)
		}
	}
	if got := owner.Do("GET", "/v1/teams/"+owner.TeamID, nil).Want(200).Get("pending_invitations"); got != "100" {
		t.Errorf("the team counts %s pending", got)
	}
}

// wantLimited fails unless the answer is 429 and says when to come back: tomorrow, UTC.
func wantLimited(t *testing.T, r *apitest.Reply) {
	t.Helper()
	r.WantProblem(429, "rate_limited")
	if after := r.Header.Get("Retry-After"); after == "" && r.Header.Get("X-Request-Id") != "" {
		t.Errorf("no Retry-After")
	}
}

// noon moves the clock to the next noon, so that no day ends under the test's hands.
func noon(w *apitest.World) {
	now := w.Clock.Now()
	w.Clock.Advance(now.Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now))
}

// A new org sends fifty a day and not one more, whichever way, and fifty more the next day.
func TestInvitations_limitOfANewOrg(t *testing.T) {
	w := apitest.New(t, apitest.WithLimits(invites.DefaultLimits))
	noon(w)
	owner := w.SignUp("Acme")
	first := owner.Invite(email("first"), "member")
	// 49 are left. The rows that fail for reasons of their own take none of them.
	known := owner.Do("GET", "/v1/invitations/"+first, nil).Get("email")
	rows := append([]any{apitest.Map{"email": known, "role": "member"}, apitest.Map{"email": "bad", "role": "member"}}, manyRows(60)...)
	answer := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows}).Want(200)
	if answer.Get("created") != "49" {
		t.Errorf("%s created", answer.Get("created"))
	}
	for i := range rows {
		want := "201 "
		switch {
		case i == 0:
			want = "409 invitation_exists"
		case i == 1:
			want = "422 validation_failed"
		case i > 50:
			want = "429 rate_limited"
		}
		if got := label(answer.Row(i)); got != want {
			t.Errorf("row %d: got %q, want %q", i, got, want)
		}
	}
	one := func() *apitest.Reply {
		return owner.Do("POST", "/v1/invitations", apitest.Map{"email": email("more"), "role": "member"})
	}
	wantLimited(t, one())
	wantLimited(t, owner.Do("POST", "/v1/invitations/"+first+"/resend", nil))
	if n := owner.Recorded("invitation.created"); n != 50 {
		t.Errorf("%d entries", n)
	}
	w.SignUp("Elsewhere").Invite(email("guest"), "member") // one org's limit is no other's

	w.Clock.Advance(24 * time.Hour)
	one().Want(201)
	w.Clock.Advance(7 * 24 * time.Hour) // the org is new no more
	if answer := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": manyRows(60)}); answer.Get("created") != "60" {
		t.Errorf("an org of a week created %s of 60", answer.Get("created"))
	}
}

// The last places go to the first rows that can take them.
func TestInvitations_lastPlacesInBulk(t *testing.T) {
	w := apitest.New(t, apitest.WithLimits(invites.Limits{NewOrgPerDay: 3, OrgPerDay: 3, ToPerDay: 5}))
	noon(w)
	owner := w.SignUp("Acme")
	taken := email("taken")
	owner.Invite(taken, "member")
	rows := []any{apitest.Map{"email": taken, "role": "member"}, apitest.Map{"email": taken, "role": "admin"}}
	answer := owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": append(rows, manyRows(3)...)}).Want(200)
	for i, want := range []string{"409 invitation_exists", "409 invitation_exists", "201 ", "201 ", "429 rate_limited"} {
		if got := label(answer.Row(i)); got != want {
			t.Errorf("row %d: got %q, want %q", i, got, want)
		}
	}
}

// One address gets five mails a day from an org, in whatever letters, by whichever way.
func TestInvitations_limitToOneAddress(t *testing.T) {
	w := apitest.New(t, apitest.WithLimits(invites.DefaultLimits))
	noon(w)
	owner, guest := w.SignUp("Acme"), email("guest")
	send := func(address string) *apitest.Reply {
		return owner.Do("POST", "/v1/invitations", apitest.Map{"email": address, "role": "member"})
	}
	for i := range 2 { // invite and resend, then withdraw
		id := send([]string{guest, strings.ToUpper(guest)}[i]).Want(201).Get("id")
		owner.Do("POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
		owner.Do("DELETE", "/v1/invitations/"+id, nil).Want(204)
	}
	id := send(guest).Want(201).Get("id")
	wantLimited(t, owner.Do("POST", "/v1/invitations/"+id+"/resend", nil))
	owner.Do("DELETE", "/v1/invitations/"+id, nil).Want(204)
	wantLimited(t, send(strings.ToUpper(guest)))
	if n := len(w.Mail.To(guest)); n != 5 {
		t.Errorf("%d mails", n)
	}
	w.SignUp("Elsewhere").Invite(guest, "member")
	w.Clock.Advance(24 * time.Hour)
	send(guest).Want(201)
}

// Removing a member leaves nothing by which they get back in.
func TestInvitations_endWithTheMember(t *testing.T) {
	o := anOffer(apitest.New(t))
	bob := o.Join(o.email)
	o.owner.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	o.accept().WantProblem(409, "invitation_accepted")
	if rows := o.owner.List("/v1/invitations?status=pending"); len(rows) != 0 {
		t.Errorf("pending: %v", rows)
	}
}
