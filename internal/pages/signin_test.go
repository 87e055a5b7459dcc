package pages

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/users"
)

func TestHome(t *testing.T) {
	if got := newWorld().get("/").Header().Get("Location"); got != "/signin" {
		t.Errorf("sent to %q", got)
	}
}

func TestSignIn_sendsALink(t *testing.T) {
	w := newWorld()
	rec := w.post("/signin", "email", " bob@acme.com ")
	wantStatus(t, rec, http.StatusOK)
	wantText(t, rec, "Check your mail", "<strong>bob@acme.com</strong>", "15 minutes", `name="email" value="bob@acme.com"`)
	if w.mails != 1 {
		t.Errorf("%d mails", w.mails)
	}
}

func TestSignIn_tellsNobodyWhoHasAnAccount(t *testing.T) {
	w, stranger := newWorld(), newWorld()
	stranger.user = users.User{}
	for _, form := range [][]string{{"/signin", "email", "bob@acme.com"}, {"/signup", "email", "bob@acme.com", "org_name", "Acme"}} {
		with, without := w.post(form[0], form[1:]...), stranger.post(form[0], form[1:]...)
		if with.Code != without.Code || with.Body.String() != without.Body.String() {
			t.Errorf("%s tells who has an account", form[0])
		}
	}
}

func TestForms_showWhatIsWrong(t *testing.T) {
	down := fault.ErrUnavailable.Because(errors.New("secret inside"))
	limited := fault.ErrRateLimited.After(90 * time.Second)
	for _, c := range []struct {
		name       string
		err        error
		path       string
		form       []string
		status     int
		says       string
		retryAfter string
	}{
		{"no address", nil, "/signin", []string{"email", "bob"}, 422, `id="email-error">This is not an email address`, ""},
		{"what was typed stays", nil, "/signin", []string{"email", "bob"}, 422, `value="bob"`, ""},
		{"limit", limited, "/signin", []string{"email", "bob@acme.com"}, 429, limited.Detail, "90"},
		{"mail is down", down, "/signin", []string{"email", "bob@acme.com"}, 503, down.Detail, ""},
		{"org name", nil, "/signup", []string{"email", "bob@acme.com", "org_name", "visit evil.example"}, 422, `id="org_name-error"`, ""},
		{"sign-up address", nil, "/signup", []string{"email", "bob", "org_name", "Acme"}, 422, `id="email-error"`, ""},
		{"sign-up limit", limited, "/signup", []string{"email", "bob@acme.com", "org_name", "Acme"}, 429, `role="alert"`, "90"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.err = c.err
			rec := w.post(c.path, c.form...)
			wantStatus(t, rec, c.status)
			wantText(t, rec, c.says, "<form")
			wantNoText(t, rec, "secret inside")
			if got := rec.Header().Get("Retry-After"); got != c.retryAfter {
				t.Errorf("Retry-After %q, want %q", got, c.retryAfter)
			}
		})
	}
}

func TestForms_unknownErrorsShowOnlyTheRequestID(t *testing.T) {
	w := newWorld()
	w.err = errors.New("table nemo is on fire")
	rec := w.post("/signin", "email", "bob@acme.com")
	wantStatus(t, rec, http.StatusInternalServerError)
	wantText(t, rec, rec.Header().Get("X-Request-Id"))
	wantNoText(t, rec, "fire")
}

func TestForms_tooLarge(t *testing.T) {
	w := newWorld()
	rec := w.post("/signin", "email", strings.Repeat("a", maxForm))
	wantStatus(t, rec, http.StatusBadRequest)
	if w.mails > 0 {
		t.Error("a mail was sent")
	}
}

func TestSignInLink_letsIn(t *testing.T) {
	w := newWorld()
	wantText(t, w.get("/signin/"+w.linkToken), `<form method="post">`)
	wantIn(t, w.post("/signin/"+w.linkToken), "/acme/team")
	if w.writes != 1 {
		t.Errorf("%d writes", w.writes)
	}
}

func TestSignUpLink_letsIn(t *testing.T) {
	w := newWorld()
	w.link.Purpose = sessions.SignUp
	wantIn(t, w.post("/signup/"+w.linkToken), "/acme-robotics/team")
}

func TestLinks_thatDoNotWork(t *testing.T) {
	w := newWorld()
	w.link.ExpiresAt = noon
	for path, way := range map[string]string{"/signin/": "/signin", "/signup/": "/signup"} {
		for _, token := range []string{w.linkToken, "nonsense"} {
			rec := w.post(path + token)
			wantStatus(t, rec, http.StatusGone)
			wantText(t, rec, "This link no longer works", `href="`+way+`">Get a new link`)
			if rec.Header().Get("Set-Cookie") != "" {
				t.Error("a dead link let somebody in")
			}
		}
	}
}

func TestSignUpLink_alreadyInAnOrganization(t *testing.T) {
	w := newWorld()
	w.link.Purpose = sessions.SignUp
	w.err = members.ErrAlreadyInOrganization
	rec := w.post("/signup/" + w.linkToken)
	wantStatus(t, rec, http.StatusConflict)
	wantText(t, rec, "You already belong to an organization", `href="/signin"`)
}

// The link is spent, so the session must not be lost with the way to the team page.
func TestSignInLink_sessionSurvivesAFailedRedirect(t *testing.T) {
	w := newWorld()
	w.slugErr = errors.New("table nemo is on fire")
	rec := w.post("/signin/" + w.linkToken)
	wantStatus(t, rec, http.StatusInternalServerError)
	wantNoText(t, rec, "fire")
	if rec.Header().Get("Set-Cookie") == "" {
		t.Error("the session is lost")
	}
}
