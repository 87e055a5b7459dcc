package pages

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/secret"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
	"github.com/nemorouter/nemo-team/internal/users"
	"github.com/nemorouter/nemo-team/internal/web"
)

const (
	orgID        = "0199d2a4-0000-7000-8000-000000000001"
	invitationID = "0199d2a4-0000-7000-8000-000000000002"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world stands in for the store and the mailer: it answers what a test put in, and counts
// what is written and mailed. The operations above it are the real ones.
type world struct {
	user           users.User // the zero user is not found
	link           sessions.Link
	offer          invites.Offer
	err            error // of every write, and of mails
	slugErr        error
	reads, writes  int
	mails          int
	inviteToken    string
	linkToken      string
	invitationName string // what the last acceptance called its user
}

// newWorld has one user, one pending invitation and one good link.
func newWorld() *world {
	w := &world{
		user:        users.User{ID: invitationID, Email: "bob@acme.com", OrgID: orgID},
		inviteToken: secret.NewToken("nemo_invite_", orgID, invitationID),
		linkToken:   secret.NewToken("nemo_link_"),
	}
	w.link = sessions.Link{Purpose: sessions.SignIn, Email: "bob@acme.com", OrgName: "Acme Robotics", ExpiresAt: noon.Add(time.Minute)}
	w.offer = invites.Offer{
		Org: orgs.Org{ID: orgID, Name: "Acme Robotics", Slug: "acme"}, TeamName: "Platform",
		Inviter: &members.Member{Name: "Grace Hopper", Email: "grace.hopper@acme.com", Role: authz.Owner},
		Invitation: invites.Invitation{
			ID: invitationID, OrgID: orgID, Email: "bob@acme.com", Role: authz.Admin, Status: invites.Pending,
			Hash: secret.Hash(w.inviteToken), ExpiresAt: noon.Add(invites.Lifetime),
		},
	}
	return w
}

func (w *world) write() error { w.writes++; return w.err }
func (w *world) mail() error  { w.mails++; return w.err }

func (w *world) UserByEmail(context.Context, string) (users.User, error) {
	if w.user.ID == "" {
		return users.User{}, fault.ErrNotFound
	}
	return w.user, nil
}

func (w *world) Recipient(ctx context.Context, email string) (users.User, bool, error) {
	return w.user, false, nil
}

func (w *world) Link(context.Context, string) (sessions.Link, error) { w.reads++; return w.link, nil }

func (w *world) Standing(context.Context, string, string) (members.Member, orgs.Org, error) {
	return members.Member{UserID: w.user.ID, OrgID: orgID, Role: authz.Admin}, w.offer.Org, nil
}

func (w *world) Offer(context.Context, string, string) (invites.Offer, error) {
	w.reads++
	return w.offer, nil
}

func (w *world) FullOffer(ctx context.Context, orgID, id string) (invites.Offer, error) {
	return w.Offer(ctx, orgID, id)
}

func (w *world) Invitation(context.Context, string, string) (invites.Invitation, error) {
	return w.offer.Invitation, nil
}

func (w *world) SaveLink(context.Context, sessions.Link, string, time.Time) error { return w.write() }

func (w *world) SaveSignIn(context.Context, sessions.Link, sessions.Session, audit.Entry) error {
	return w.write()
}

func (w *world) SaveFounding(context.Context, signup.Founding) error { return w.write() }

func (w *world) SaveAcceptance(_ context.Context, a invites.Acceptance) error {
	w.invitationName = a.Claim.User.Name
	return w.write()
}

func (w *world) EndInvitation(context.Context, invites.Invitation, time.Time, audit.Entry) error {
	return w.write()
}

func (w *world) Org(context.Context, string) (orgs.Org, error) { return w.offer.Org, nil }

func (w *world) SendSignIn(context.Context, string, string) error         { return w.mail() }
func (w *world) SendToNobody(context.Context) error                       { return w.mail() }
func (w *world) SendNoAccount(context.Context, string) error              { return w.mail() }
func (w *world) SendSignUp(context.Context, string, string, string) error { return w.mail() }
func (w *world) SendHasAccount(context.Context, string) error             { return w.mail() }

// handler serves the pages over w, at noon.
func (w *world) handler() http.Handler {
	now := func() time.Time { return noon }
	return web.Handler(web.Config{}, Public{
		SignIn:        sessions.Requester{Store: w, Mail: w, Now: now},
		ConfirmSignIn: sessions.Confirmer{Store: w, Now: now},
		SignUp:        signup.Requester{Store: w, Mail: w, Now: now},
		ConfirmSignUp: signup.Confirmer{Store: w, Now: now},
		Preview:       invites.Previewer{Store: w, Now: now},
		Accept:        invites.Acceptor{Store: w, Now: now},
		Decline:       invites.Decliner{Store: w, Now: now},
		Slug:          func(context.Context, string) (string, error) { return "acme", w.slugErr },
	})
}

func (w *world) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	rec := httptest.NewRecorder()
	w.handler().ServeHTTP(rec, r)
	return rec
}

func (w *world) get(path string) *httptest.ResponseRecorder { return w.do("GET", path, nil) }

// post sends the form with the given names and values.
func (w *world) post(path string, namesAndValues ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(namesAndValues); i += 2 {
		form.Set(namesAndValues[i], namesAndValues[i+1])
	}
	return w.do("POST", path, form)
}

func wantStatus(t *testing.T, rec *httptest.ResponseRecorder, want int) {
	t.Helper()
	if rec.Code != want {
		t.Fatalf("status %d, want %d:\n%s", rec.Code, want, rec.Body)
	}
}

func wantText(t *testing.T, rec *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(rec.Body.String(), text) {
			t.Errorf("the page does not say %q:\n%s", text, rec.Body)
		}
	}
}

func wantNoText(t *testing.T, rec *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(rec.Body.String(), text) {
			t.Errorf("the page says %q:\n%s", text, rec.Body)
		}
	}
}

// wantIn checks that the answer lets the browser in and sends it to the team page.
func wantIn(t *testing.T, rec *httptest.ResponseRecorder, path string) {
	t.Helper()
	wantStatus(t, rec, http.StatusSeeOther)
	if got := rec.Header().Get("Location"); got != path {
		t.Errorf("sent to %q, want %q", got, path)
	}
	if cookie := rec.Header().Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-nemo_session=nemo_session_") {
		t.Errorf("cookie %q holds no session", cookie)
	}
}
