package web

import (
	"context"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
)

// Members is the function for the people of an organization.
type Members struct {
	Read   members.Reader
	Change members.RoleChanger
	Remove members.Remover
}

// Mount adds its routes.
func (f Members) Mount(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/members", tag: "Members", id: "list-members", needs: authz.MembersRead,
		summary: "List members", detail: "A new member may be missing for a second where the list is filtered.",
	}, f.list)
	secured(a, route{
		method: http.MethodGet, path: "/v1/members/{id}", tag: "Members", id: "get-member", needs: authz.MembersRead,
		summary: "Read a member",
	}, f.get)
	secured(a, route{
		method: http.MethodPatch, path: "/v1/members/{id}", tag: "Members", id: "change-role", needs: authz.MembersManage,
		summary: "Change a member's role", detail: "A member who becomes a viewer loses all keys.",
	}, f.change)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/members/{id}", tag: "Members", id: "remove-member", needs: authz.MembersManage, success: http.StatusNoContent,
		summary: "Remove a member", detail: "Their keys and sessions stop with the answer.",
	}, f.remove)
	secured(a, route{
		method: http.MethodPost, path: "/v1/members/me/leave", tag: "Members", id: "leave", success: http.StatusNoContent,
		summary: "Leave the organization", detail: "Anybody may, but the owner. Your keys and sessions stop with the answer.",
	}, f.leave)
}

type listMembersInput struct {
	Paging
	TeamID string     `query:"team_id" maxLength:"64" doc:"Only those of the team."`
	Role   authz.Role `query:"role" enum:"owner,admin,member,viewer" doc:"Only those of the role."`
	Query  string     `query:"q" maxLength:"254" doc:"Only those whose name or address begins so."`
}

func (f Members) list(ctx context.Context, c authn.Caller, in *listMembersInput) (*listOutput[Member], error) {
	found, err := f.Read.List(ctx, c.Actor, members.Filter{TeamID: in.TeamID, Role: in.Role, Query: in.Query}, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, memberShape), nil
}

func (f Members) get(ctx context.Context, c authn.Caller, in *ByID) (*output[Member], error) {
	member, err := f.Read.Get(ctx, c.Actor, in.ID)
	return answer(memberShape(member), err)
}

type changeRoleInput struct {
	ByID
	Body struct {
		Role string `json:"role" maxLength:"64" doc:"admin, member or viewer."`
	}
}

func (f Members) change(ctx context.Context, c authn.Caller, in *changeRoleInput) (*output[Member], error) {
	role, err := authz.ParseRole(in.Body.Role)
	if err != nil {
		return nil, err
	}
	member, err := f.Change.Change(ctx, c.Actor, in.ID, role)
	return answer(memberShape(member), err)
}

func (f Members) remove(ctx context.Context, c authn.Caller, in *ByID) (*none, error) {
	return done(f.Remove.Remove(ctx, c.Actor, in.ID))
}

func (f Members) leave(ctx context.Context, c authn.Caller, _ *nothing) (*none, error) {
	return done(f.Remove.Leave(ctx, c.Actor))
}
