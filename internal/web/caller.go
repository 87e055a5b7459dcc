package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

var errCrossOrigin = fault.New(fault.Forbidden, "cross_origin", "Other sites cannot make your browser do this.")

type (
	callerKey struct{}
	originKey struct{}
)

// callerOf returns the caller that authenticate found.
func callerOf(ctx context.Context) authn.Caller { return ctx.Value(callerKey{}).(authn.Caller) }

// originOf returns where the request came from.
func originOf(ctx context.Context) authz.Request { return ctx.Value(originKey{}).(authz.Request) }

func withOrigin(ctx huma.Context, next func(huma.Context)) {
	r, _ := humago.Unwrap(ctx)
	next(huma.WithValue(ctx, originKey{}, Origin(r)))
}

// authenticate finds out who is calling, or answers that it must be known.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	caller, err := a.auth.Authenticate(ctx.Context(), credential(r), Origin(r))
	if err != nil {
		WriteProblem(w, r, err)
		return
	}
	next(huma.WithValue(ctx, callerKey{}, caller))
}
