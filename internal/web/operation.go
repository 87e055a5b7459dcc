package web

import (
	"context"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
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
	a.mount(operation{op, func(api huma.API) {
		huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := handle(ctx, in)
			if err != nil {
				return nil, problemOf(ctx, err)
			}
			return out, nil
		})
	}})
}

// operation is one that is mounted, and how huma is told of it.
type operation struct {
	huma.Operation
	register func(huma.API)
}

// mount serves an operation. huma makes schemas of all types in its requests and answers;
// it does so at the first call, as a cold start needs one operation and not all.
func (a *API) mount(op operation) {
	a.operations = append(a.operations, op)
	a.mux.Handle(op.Method+" "+op.Path, whenAsked(func() http.Handler {
		alone := http.NewServeMux()
		op.register(humago.New(alone, a.config()))
		return alone
	}))
}

// whenAsked builds a handler at the first request to it: a cold start should not wait for
// what nobody asks for.
func whenAsked(build func() http.Handler) http.Handler {
	built := sync.OnceValue(build)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { built().ServeHTTP(w, r) })
}
