package web

import (
	"context"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// Sessions is the function by which people sign in and out, and learn who they are.
type Sessions struct {
	Request sessions.Requester
	Confirm sessions.Confirmer
	Keep    sessions.Keeper
	Rename  members.Renamer
}

// Mount adds its routes.
func (f Sessions) Mount(a *API) {
	public(a, route{
		method: http.MethodPost, path: "/v1/sessions", tag: "Sessions", id: "sign-in", success: http.StatusAccepted,
		summary: "Ask for a sign-in link",
		detail:  "Mails a link that is good for 15 minutes, or word that there is no account. The answer is the same either way.",
	}, f.request)
	public(a, route{
		method: http.MethodPost, path: "/v1/sessions/confirm", tag: "Sessions", id: "confirm-sign-in",
		summary: "Sign in", detail: "Spends the mailed link. Sets the session cookie too.",
	}, f.confirm)
	secured(a, route{
		method: http.MethodGet, path: "/v1/sessions", tag: "Sessions", id: "list-sessions",
		summary: "List your sessions",
	}, f.list)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/sessions/current", tag: "Sessions", id: "sign-out", success: http.StatusNoContent,
		summary: "Sign out here",
	}, f.end)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/sessions", tag: "Sessions", id: "sign-out-everywhere", success: http.StatusNoContent,
		summary: "Sign out everywhere", detail: "Keys stay.",
	}, f.endAll)
	secured(a, route{
		method: http.MethodGet, path: "/v1/me", tag: "Me", id: "get-me",
		summary: "Who you are and what you may do",
	}, me)
	secured(a, route{
		method: http.MethodPatch, path: "/v1/me", tag: "Me", id: "update-me",
		summary: "Change your name",
	}, f.rename)
}

type signInInput struct {
	Body struct {
		Email string `json:"email" maxLength:"320" example:"ada@acme.example"`
	}
}

func (f Sessions) request(ctx context.Context, in *signInInput) (*none, error) {
	return done(f.Request.Request(ctx, in.Body.Email, originOf(ctx)))
}

type confirmSignInOutput struct {
	SetCookie *http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Session Session `json:"session"`
		User    User    `json:"user"`
	}
}

func (f Sessions) confirm(ctx context.Context, in *struct{ Body linkBody }) (*confirmSignInOutput, error) {
	session, member, err := f.Confirm.Confirm(ctx, in.Body.Token, originOf(ctx))
	if err != nil {
		return nil, err
	}
	out := &confirmSignInOutput{SetCookie: SessionCookie(session)}
	out.Body.Session, out.Body.User = sessionShape(session), userOf(member)
	return out, nil
}

// ListedSession is one of a person's sign-ins.
type ListedSession struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	IP        string    `json:"ip"`
	UserAgent string    `json:"user_agent"`
	Current   bool      `json:"current" doc:"It is the one in use."`
}

func (f Sessions) list(ctx context.Context, c authn.Caller, in *Paging) (*listOutput[ListedSession], error) {
	found, err := f.Keep.List(ctx, c.Member, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, func(s sessions.Session) ListedSession {
		return ListedSession{s.ID, s.CreatedAt, s.ExpiresAt, s.IP, s.UserAgent, s.ID == c.Session.ID}
	}), nil
}

type signedOutOutput struct {
	SetCookie *http.Cookie `header:"Set-Cookie"`
}

func (f Sessions) end(ctx context.Context, c authn.Caller, _ *nothing) (*signedOutOutput, error) {
	if c.Session.ID == "" {
		return nil, sessions.ErrNoSession
	}
	return signedOut(f.Keep.End(ctx, c.Actor, c.Session))
}

func (f Sessions) endAll(ctx context.Context, c authn.Caller, _ *nothing) (*signedOutOutput, error) {
	return signedOut(f.Keep.EndAll(ctx, c.Actor, c.Member))
}

func signedOut(err error) (*signedOutOutput, error) {
	if err != nil {
		return nil, err
	}
	return &signedOutOutput{ForgottenCookie()}, nil
}

// Me is who is calling.
type Me struct {
	User        User               `json:"user"`
	Org         Org                `json:"org"`
	TeamID      string             `json:"team_id"`
	Role        authz.Role         `json:"role" enum:"owner,admin,member,viewer"`
	LiteLLMRole string             `json:"litellm_role" doc:"LiteLLM's name of the role."`
	Permissions []authz.Permission `json:"permissions" nullable:"false"`
}

func me(_ context.Context, c authn.Caller, _ *nothing) (*output[Me], error) {
	return answer(meShape(c), nil)
}

func meShape(c authn.Caller) Me {
	role := c.Member.Role
	return Me{userOf(c.Member), orgShape(c.Org), c.Member.TeamID, role, role.LiteLLM(), role.Permissions()}
}

type renameInput struct {
	Body struct {
		Name string `json:"name" maxLength:"256"`
	}
}

func (f Sessions) rename(ctx context.Context, c authn.Caller, in *renameInput) (*output[Me], error) {
	member, err := f.Rename.Rename(ctx, c.Actor, c.Member, in.Body.Name)
	c.Member = member
	return answer(meShape(c), err)
}
