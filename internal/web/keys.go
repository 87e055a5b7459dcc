package web

import (
	"context"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// Keys is the function for virtual keys.
type Keys struct {
	Create keys.Creator
	Read   keys.Reader
	Manage keys.Manager
}

// Mount adds its routes.
func (f Keys) Mount(a *API) {
	const tag = "Keys"
	secured(a, route{
		method: http.MethodPost, path: "/v1/keys", tag: tag, id: "create-key", needs: authz.KeysManageOwn, success: http.StatusCreated,
		summary: "Create a key", detail: "The key is in this answer and nowhere else. For another person it needs keys:manage. What somebody else was shown acts for no admin and no owner: they make and rotate their own keys with the scope manage.",
	}, func(ctx context.Context, c authn.Caller, in *createKeyInput) (*createdKey, error) {
		return f.create(ctx, a, c, in)
	})
	secured(a, route{
		method: http.MethodGet, path: "/v1/keys", tag: tag, id: "list-keys",
		summary: "List keys", detail: "Newest first: your own, or all with keys:read.",
	}, f.list)
	secured(a, route{
		method: http.MethodGet, path: "/v1/keys/{id}", tag: tag, id: "get-key",
		summary: "Read a key",
	}, f.get)
	secured(a, route{
		method: http.MethodPatch, path: "/v1/keys/{id}", tag: tag, id: "update-key", needs: authz.KeysManageOwn,
		summary: "Change a key's name, limits or expiry", detail: "For another person's it needs keys:manage.",
	}, f.edit)
	secured(a, route{
		method: http.MethodPost, path: "/v1/keys/{id}/rotate", tag: tag, id: "rotate-key", needs: authz.KeysManageOwn,
		summary: "Give a key a new secret", detail: "The id stays, so spend and budgets carry on. The old secret works for the grace; one from an earlier rotation stops now. For another person's key it needs keys:manage.",
	}, func(ctx context.Context, c authn.Caller, in *rotateKeyInput) (*createdKey, error) {
		return f.rotate(ctx, a, c, in)
	})
	secured(a, route{
		method: http.MethodDelete, path: "/v1/keys/{id}", tag: tag, id: "revoke-key", needs: authz.KeysManageOwn, success: http.StatusNoContent,
		summary: "Revoke a key", detail: "The next request with it fails. For another person's it needs keys:manage.",
	}, f.revoke)
}

type createKeyInput struct {
	Repeatable
	Body struct {
		Name      string       `json:"name" maxLength:"256" example:"ada-laptop"`
		UserID    string       `json:"user_id,omitempty" maxLength:"64" doc:"Who holds it; you, unless given."`
		Scopes    []keys.Scope `json:"scopes,omitempty" nullable:"false" maxItems:"8" doc:"inference, manage or both; inference unless given."`
		ExpiresAt expiry       `json:"expires_at,omitempty" doc:"When it stops; never, unless given."`
		Models    []string     `json:"models,omitempty" nullable:"false" maxItems:"100" doc:"Models that it may ask, by name or by the start of a name and a *; all, unless given. Their names have at most 2,048 characters in all." example:"[\"gpt-4o*\"]"`

		RequestsPerMinute int `json:"requests_per_minute,omitempty" doc:"No limit, unless given."`
	}
}

type createdKey struct {
	Replayed
	Body struct {
		Key
		Secret        string `json:"key,omitempty" doc:"The key itself. It is shown once."`
		SecretOmitted bool   `json:"secret_omitted,omitempty" doc:"True in a repeated answer: the key was shown once, in the first."`
	}
}

func (f Keys) create(ctx context.Context, a *API, c authn.Caller, in *createKeyInput) (*createdKey, error) {
	b, plain := in.Body, ""
	call := a.call(in.Repeatable, callerScope(c), "create-key", b)
	held, again, err := repeat(ctx, a, call, func(ctx context.Context) (held keys.Held, err error) {
		held, plain, err = f.Create.Create(ctx, c.Actor, keys.New{
			UserID: b.UserID, Name: b.Name, Scopes: b.Scopes, ExpiresAt: b.ExpiresAt.orNever(),
			Limits: keys.Limits{Models: b.Models, RequestsPerMinute: b.RequestsPerMinute},
		})
		return held, err
	})
	return shownOnce(held, plain, again, err)
}

// shownOnce is the answer with a key's secret; a repeated one comes without.
func shownOnce(held keys.Held, plain string, again bool, err error) (*createdKey, error) {
	if err != nil {
		return nil, err
	}
	out := &createdKey{}
	out.mark(again)
	out.Body.Key, out.Body.SecretOmitted = keyShape(held), again
	if !again {
		out.Body.Secret = plain
	}
	return out, nil
}

type editKeyInput struct {
	ByID
	Body struct {
		Name      *string   `json:"name,omitempty" maxLength:"256"`
		Models    *[]string `json:"models,omitempty" nullable:"false" maxItems:"100" doc:"Empty: all. At most 2,048 characters in all."`
		ExpiresAt expiry    `json:"expires_at,omitempty" doc:"Null: never."`

		RequestsPerMinute *int `json:"requests_per_minute,omitempty" doc:"0: no limit."`
	}
}

func (f Keys) edit(ctx context.Context, c authn.Caller, in *editKeyInput) (*output[Key], error) {
	b := in.Body
	held, err := f.Manage.Edit(ctx, c.Actor, in.ID, keys.Change{
		Name: b.Name, Models: b.Models, RequestsPerMinute: b.RequestsPerMinute, ExpiresAt: b.ExpiresAt.value,
	})
	return answer(keyShape(held), err)
}

type rotateKeyInput struct {
	Repeatable
	ByID
	Body struct {
		GraceSeconds int `json:"grace_seconds,omitempty" doc:"How long the old secret goes on working: 0 to 604800." example:"3600"`
	}
}

func (f Keys) rotate(ctx context.Context, a *API, c authn.Caller, in *rotateKeyInput) (*createdKey, error) {
	plain := ""
	call := a.call(in.Repeatable, callerScope(c), "rotate-key", []any{in.ID, in.Body})
	held, again, err := repeat(ctx, a, call, func(ctx context.Context) (held keys.Held, err error) {
		held, plain, err = f.Manage.Rotate(ctx, c.Actor, in.ID, in.Body.GraceSeconds)
		return held, err
	})
	return shownOnce(held, plain, again, err)
}

type listKeysInput struct {
	Paging
	UserID string     `query:"user_id" maxLength:"64" doc:"Only those that this person holds."`
	TeamID string     `query:"team_id" maxLength:"64" doc:"Only those of the team."`
	State  keys.State `query:"state" enum:"live,revoked"`
}

func (f Keys) list(ctx context.Context, c authn.Caller, in *listKeysInput) (*listOutput[Key], error) {
	found, err := f.Read.List(ctx, c.Actor, keys.Filter{UserID: in.UserID, TeamID: in.TeamID, State: in.State}, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, keyShape), nil
}

func (f Keys) get(ctx context.Context, c authn.Caller, in *ByID) (*output[Key], error) {
	held, err := f.Read.Get(ctx, c.Actor, in.ID)
	return answer(keyShape(held), err)
}

func (f Keys) revoke(ctx context.Context, c authn.Caller, in *ByID) (*none, error) {
	return done(f.Manage.Revoke(ctx, c.Actor, in.ID))
}
