// Package pages serves the pages that people see, rendered on the server. A page calls
// the same operations as the API and decides nothing itself; its data is one struct.
//
// Everything works without JavaScript. Nothing comes from another host, and no script or
// style stands inside a page, so the Content-Security-Policy is strict. Pages under an
// emailed link change nothing on GET and HEAD, because mail scanners follow links.
package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
	"github.com/nemorouter/nemo-team/internal/web"
)

// Public is the function for the pages for which nobody has to be signed in: the
// operations behind them.
type Public struct {
	SignIn        sessions.Requester
	ConfirmSignIn sessions.Confirmer
	SignUp        signup.Requester
	ConfirmSignUp signup.Confirmer
	Preview       invites.Previewer
	Accept        invites.Acceptor
	Decline       invites.Decliner
	// Slug returns the org's slug: where people go when they are in.
	Slug func(ctx context.Context, orgID string) (string, error)
	// Auth finds out who is in already.
	Auth authn.Authenticator
}

// route is a pattern of net/http and what answers it.
type route struct {
	pattern string
	serve   http.HandlerFunc
}

func (p Public) routes() []route {
	return []route{
		{"GET /{$}", p.home},
		{"GET /signin", p.getSignIn},
		{"POST /signin", p.postSignIn},
		{"GET /signin/{token}", p.getSignInLink},
		{"POST /signin/{token}", p.postSignInLink},
		{"GET /signup", p.getSignUp},
		{"POST /signup", p.postSignUp},
		{"GET /signup/{token}", p.getSignUpLink},
		{"POST /signup/{token}", p.postSignUpLink},
		{"GET /invite/{token}", p.getInvite},
		{"POST /invite/{token}", p.postInvite},
		{"POST /invite/{token}/decline", p.postDecline},
	}
}

// Mount adds the pages for which nobody has to be signed in, and all assets.
func (p Public) Mount(api *web.API) {
	api.RefusePages(Refuse)
	for _, r := range p.routes() {
		api.Handle(r.pattern, secured(bounded(maxForm, r.serve)))
	}
	api.Handle(assets.Pattern(), secured(assets.Handler(http.HandlerFunc(api.Missing))))
}

// Refuse answers people whose request reaches no page with what is shown of err.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	secured(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fail(w, r, err, toHome) })).ServeHTTP(w, r)
}

// home sends people to their org, or to where they get in.
func (p Public) home(w http.ResponseWriter, r *http.Request) {
	switch caller, err := p.signedIn(r); {
	case err == nil:
		toTeam(w, r, caller.Org.Slug)
	case errors.Is(err, fault.ErrUnauthorized):
		http.Redirect(w, r, "/signin", http.StatusSeeOther)
	default:
		fail(w, r, err, toSignIn)
	}
}

// signedIn returns who is signed in with this browser. Keys open no pages.
func (p Public) signedIn(r *http.Request) (authn.Caller, error) {
	if _, ok := sessions.ParseToken(web.SessionToken(r)); !ok {
		return authn.Caller{}, fault.ErrUnauthorized
	}
	return p.Auth.Authenticate(r.Context(), web.SessionToken(r), web.Origin(r))
}

// maxForm bounds what is read of a form, in bytes.
const maxForm = 16 << 10

// policy lets a page load our own style sheet, script and images, post to ourselves, and
// nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secured sets the headers of every page. Assets have other caching.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer") // the paths hold tokens
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// bounded reads at most so many bytes of a request's body.
func bounded(most int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}
