// Package web is the HTTP API: it reads requests, finds out who is calling, calls the
// nouns' operations and writes what they return. It holds no rules.
//
// Each function of the deployment is a struct of the operations that it serves and a
// Mount method; the same values are mounted by the functions, by the local server and by
// the documentation.
package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
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
	huma  huma.API

	origin string   // that browsers know us by; empty if that is not known
	pages  []string // patterns of what is mounted beside operations
	refuse Refusal  // of what people ask for; nil: as for the API
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
	config := huma.DefaultConfig("nemo-team", Version)
	config.Info.Description = "Team management for LLM gateways: invitations, roles, virtual keys and an audit trail."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // the docs function serves them
	config.CreateHooks = nil                                             // no $schema in answers
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{
		"application/json":                  huma.DefaultJSONFormat,
		"json":                              huma.DefaultJSONFormat,
		"application/x-www-form-urlencoded": huma.DefaultJSONFormat, // plain `curl -d` says so, and sends JSON
	}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer:        {Type: "http", Scheme: "bearer", Description: "A virtual key with the scope manage, or a session's token."},
		gatewayScheme: {Type: "http", Scheme: "bearer", Description: "The gateway's own token."},
		cookie:        {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "The session that signing in sets."},
	}
	if c.PublicURL != "" {
		config.Servers = []*huma.Server{{URL: c.PublicURL}}
	}
	mux := http.NewServeMux()
	return &API{auth: c.Auth, calls: c.Receipts, now: c.Now, mux: mux, orgs: http.NewServeMux(), huma: humago.New(mux, config), origin: c.PublicURL}
}

// OpenAPI returns the document of all that is mounted.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

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

// Names of the security schemes.
const (
	bearer = "bearer"
	cookie = "cookie"
)

// maxBody bounds a request's body unless its route says otherwise, in bytes.
const maxBody = 64 << 10

// route is one operation of the API as its document shows it.
type route struct {
	method  string
	path    string
	tag     string
	id      string // of the operation, kebab-case
	summary string
	detail  string
	success int // status; 0 means 200
	maxBody int64
	rawBody bool             // the operation reads the body itself
	needs   authz.Permission // as documentation; the operation decides
}

func (r route) operation() huma.Operation {
	op := huma.Operation{
		OperationID: r.id, Method: r.method, Path: r.path, Tags: []string{r.tag},
		Summary: r.summary, Description: r.detail, DefaultStatus: r.success, MaxBodyBytes: maxBody, SkipValidateBody: r.rawBody,
	}
	if r.maxBody > 0 {
		op.MaxBodyBytes = r.maxBody
	}
	if r.needs != "" {
		op.Extensions = map[string]any{"x-permission": r.needs}
	}
	return op
}

// public mounts a route that anyone may call.
func public[I, O any](a *API, r route, handle func(context.Context, *I) (*O, error)) {
	register(a, r.operation(), handle)
}

// secured mounts a route for callers who are known. They are asked for before the body is
// looked at.
func secured[I, O any](a *API, r route, handle func(context.Context, authn.Caller, *I) (*O, error)) {
	op := r.operation()
	op.Security = []map[string][]string{{bearer: {}}, {cookie: {}}}
	op.Middlewares = huma.Middlewares{a.authenticate}
	register(a, op, func(ctx context.Context, in *I) (*O, error) {
		return handle(ctx, callerOf(ctx), in)
	})
}

func register[I, O any](a *API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	op.Middlewares = append(huma.Middlewares{withOrigin}, op.Middlewares...)
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, problemOf(ctx, err)
		}
		return out, nil
	})
}
