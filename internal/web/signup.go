package web

import (
	"context"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/once"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
)

// Signup is the function by which organizations are founded.
type Signup struct {
	Request signup.Requester
	Confirm signup.Confirmer
}

// Mount adds its routes.
func (f Signup) Mount(a *API) {
	public(a, route{
		method: http.MethodPost, path: "/v1/signup", tag: "Sign-up", id: "sign-up", success: http.StatusAccepted,
		summary: "Ask for an organization",
		detail:  "Mails a link that is good for 15 minutes. The answer is the same whether or not the address has an account.",
	}, f.request)
	public(a, route{
		method: http.MethodPost, path: "/v1/signup/confirm", tag: "Sign-up", id: "confirm-sign-up", success: http.StatusCreated,
		summary: "Found the organization",
		detail:  "Spends the mailed link and creates user, organization, Default team, the owner's membership and a $5 credit, or nothing. Sets the session cookie too.",
	}, func(ctx context.Context, in *confirmSignUpInput) (*foundedOutput, error) {
		return f.confirm(ctx, a, in)
	})
}

type signUpInput struct {
	Body struct {
		Email   string `json:"email" maxLength:"320" example:"ada@acme.example"`
		OrgName string `json:"org_name" maxLength:"256" example:"Acme"`
	}
}

func (f Signup) request(ctx context.Context, in *signUpInput) (*none, error) {
	return done(f.Request.Request(ctx, in.Body.Email, in.Body.OrgName, originOf(ctx)))
}

// linkBody carries the token of a mailed link.
type linkBody struct {
	Token string `json:"token" maxLength:"512" doc:"From the mailed link."`
}

type confirmSignUpInput struct {
	Repeatable
	Body linkBody
}

type foundedOutput struct {
	Replayed
	SetCookie *http.Cookie `header:"Set-Cookie"`
	Body      struct {
		User    User    `json:"user"`
		Org     Org     `json:"org"`
		Team    Team    `json:"team"`
		Session Session `json:"session"`
	}
}

func (f Signup) confirm(ctx context.Context, a *API, in *confirmSignUpInput) (*foundedOutput, error) {
	call := a.call(in.Repeatable, linkScope(in.Body.Token), "confirm-sign-up", in.Body)
	founded, again, err := repeat(ctx, a, call, func(ctx context.Context) (signup.Founded, error) {
		return f.Confirm.Confirm(ctx, in.Body.Token, originOf(ctx))
	})
	if err != nil {
		return nil, err
	}
	out := &foundedOutput{SetCookie: cookieOf(founded.Session)}
	out.mark(again)
	out.Body.User, out.Body.Org, out.Body.Team = userShape(founded.User), orgShape(founded.Org), teamShape(founded.Team)
	out.Body.Session = sessionShape(founded.Session)
	return out, nil
}

// linkScope is whose idempotency keys those sent with a link's token are: its holder's.
func linkScope(token string) string { return "link:" + once.Digest(token) }

// cookieOf sets the session's cookie, unless a repeated answer has no token.
func cookieOf(s sessions.Issued) *http.Cookie {
	if s.Token == "" {
		return nil
	}
	return SessionCookie(s)
}
