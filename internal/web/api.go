// Package web is the HTTP API: it reads requests, finds out who is calling, calls the
// nouns' operations and writes what they return. It holds no rules.
//
// Each function of the deployment is a struct of the operations that it serves and a
// Mount method; the same values are mounted by the functions, by the local server and by
// the documentation.
package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authn"
)

// Version of the API, as its document tells.
const Version = "1.0.0"

// API is where functions mount what they serve.
type API struct {
	auth  authn.Authenticator
	calls Receipts
	now   func() time.Time
	mux   *http.ServeMux
	orgs  *http.ServeMux // below an org's slug; see HandleOrg

	origin     string // that browsers know us by; empty if that is not known
	operations []operation
	notes      []func(*huma.OpenAPI) // what the document says beyond the operations
	pages      []string              // patterns of what is mounted beside operations
	refuse     Refusal               // of what people ask for; nil: as for the API
}

// Refusal answers a request that reaches no handler with what is shown of err.
type Refusal func(w http.ResponseWriter, r *http.Request, err error)

// Config is what every function needs to answer requests.
type Config struct {
	Auth      authn.Authenticator
	Receipts  Receipts
	Now       func() time.Time
	PublicURL string // the origin that browsers know us by
}

// Mounter is a function's part of the API.
type Mounter interface{ Mount(api *API) }

// Handler returns an HTTP handler that serves the given parts of the API.
func Handler(c Config, parts ...Mounter) http.Handler {
	api := NewAPI(c)
	for _, p := range parts {
		p.Mount(api)
	}
	sameOrigin := http.NewCrossOriginProtection()
	if c.PublicURL != "" {
		if err := sameOrigin.AddTrustedOrigin(c.PublicURL); err != nil {
			panic("web: the public URL is not an origin: " + err.Error())
		}
	}
	sameOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api.refusal(r)(w, r, errCrossOrigin)
	}))
	return identified(hardened(fromHere(sameOrigin, api.explained())))
}

// fromHere keeps other sites from using the session that a browser sends along. No site can
// make a browser send a bearer token, unless CORS lets it: what has one is no browser's. A
// browser sends other schemes by itself.
func fromHere(sameOrigin *http.CrossOriginProtection, next http.Handler) http.Handler {
	guarded := sameOrigin.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := bearerToken(r); ok {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// NewAPI returns an API with nothing mounted.
func NewAPI(c Config) *API {
	return &API{auth: c.Auth, calls: c.Receipts, now: c.Now, mux: http.NewServeMux(), orgs: http.NewServeMux(), origin: c.PublicURL}
}

// Handle mounts a handler that is no part of the API's document, such as a page.
func (a *API) Handle(pattern string, h http.Handler) {
	a.pages = append(a.pages, pattern)
	a.mux.Handle(pattern, h)
}

// RefusePages sets how people are refused who ask for a page, or for what is not there.
func (a *API) RefusePages(with Refusal) { a.refuse = with }

// refusal is how to refuse a request: in HTML if it is for a page, else with a problem.
func (a *API) refusal(r *http.Request) Refusal {
	_, pattern := a.mux.Handler(r)
	if pattern == "" {
		_, pattern = a.orgs.Handler(r)
	}
	if a.refuse != nil && slices.Contains(a.pages, pattern) {
		return a.refuse
	}
	return WriteProblem
}

// HandleOrg mounts a page below an org's slug, such as "GET /{org}/team". All else comes
// before it: one mux cannot hold it beside "GET /invite/{token}", as neither pattern is the
// narrower one.
func (a *API) HandleOrg(pattern string, h http.Handler) {
	a.pages = append(a.pages, pattern)
	a.orgs.Handle(pattern, h)
}
