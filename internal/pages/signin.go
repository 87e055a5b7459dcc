package pages

import (
	"errors"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/web"
)

// signInData is the form that asks for a sign-in link.
type signInData struct {
	Email  field
	Notice string // why the last try did not work
	Why    string // what brought the reader here
}

// sentData is the page after a link was asked for. It is the same whether or not the
// address has an account: a mail goes out either way.
type sentData struct {
	Email   string
	Minutes int
	Action  string            // where to ask for another mail
	Fields  map[string]string // and with what
}

// confirmData is the page behind an emailed link: a click must post, because programs
// follow links before people do.
type confirmData struct{ Title, Lead, Button string }

var (
	signInPage  = newPage[signInData]("signin.html")
	sentPage    = newPage[sentData]("sent.html")
	confirmPage = newPage[confirmData]("confirm.html")
)

const linkMinutes = int(sessions.LinkLifetime / time.Minute)

const signInHint = "We mail you a link. There is no password to remember."

func (p Public) getSignIn(w http.ResponseWriter, r *http.Request) {
	data := signInData{Email: emailField("", signInHint)}
	data.Email.Autofocus = true
	data.Why = whys[r.URL.Query().Get("why")]
	signInPage.render(w, r, http.StatusOK, data)
}

func (p Public) postSignIn(w http.ResponseWriter, r *http.Request) {
	values, err := posted(r, "email")
	if err != nil {
		fail(w, r, err, action{"Back", "/signin"})
		return
	}
	email := values[0]
	if err := p.SignIn.Request(r.Context(), email, web.Origin(r)); err != nil {
		refuseSignIn(w, r, email, err)
		return
	}
	sentPage.render(w, r, http.StatusOK, sentData{
		Email: email, Minutes: linkMinutes, Action: "/signin", Fields: map[string]string{"email": email},
	})
}

func refuseSignIn(w http.ResponseWriter, r *http.Request, email string, err error) {
	flt, ok := mendable(err)
	if !ok {
		fail(w, r, err, action{"Back", "/signin"})
		return
	}
	data := signInData{Email: emailField(email, signInHint)}
	data.Notice = notice(flt, &data.Email)
	answer(w, r, flt, err)
	signInPage.render(w, r, web.Status(flt.Kind), data)
}

// answer does what a refused form has in common: the header for rate limits, and a line
// in the log for what is down.
func answer(w http.ResponseWriter, r *http.Request, flt *fault.Error, err error) {
	retryAfter(w, flt)
	if flt.Kind == fault.Unavailable {
		logged(r, err)
	}
}

func (p Public) getSignInLink(w http.ResponseWriter, r *http.Request) {
	confirmPage.render(w, r, http.StatusOK, confirmData{
		Title: "Sign in", Button: "Sign in",
		Lead: "One more click, and you are in. The link works once, and only for a few minutes.",
	})
}

func (p Public) postSignInLink(w http.ResponseWriter, r *http.Request) {
	session, member, err := p.ConfirmSignIn.Confirm(r.Context(), r.PathValue("token"), web.Origin(r))
	if err != nil {
		p.notIn(w, r, err, action{"Get a new link", "/signin"})
		return
	}
	p.enter(w, r, session, member.OrgID)
}

// notIn answers who posted to a link in vain: the second of two clicks finds the link spent
// and its sender in.
func (p Public) notIn(w http.ResponseWriter, r *http.Request, err error, dead action) {
	if errors.Is(err, sessions.ErrLink) {
		if caller, err := p.signedIn(r); err == nil {
			toTeam(w, r, caller.Org.Slug)
			return
		}
	}
	fail(w, r, err, onwards(err, dead, r.URL.Path))
}

// enter lets the browser in and sends it to the page that it asked for, or to the team. The
// session comes first: its link is spent, whatever becomes of the rest.
func (p Public) enter(w http.ResponseWriter, r *http.Request, s sessions.Issued, orgID string) {
	web.SetSession(w, s)
	slug, err := p.Slug(r.Context(), orgID)
	if err != nil {
		fail(w, r, err, toSignIn)
		return
	}
	http.Redirect(w, r, takeAsked(w, r, slug), http.StatusSeeOther)
}

func toTeam(w http.ResponseWriter, r *http.Request, slug string) {
	http.Redirect(w, r, "/"+slug+"/team", http.StatusSeeOther)
}
