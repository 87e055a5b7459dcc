package web

import (
	"context"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/teams"
)

func (f Orgs) mountTeams(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/teams", tag: "Teams", id: "list-teams", needs: authz.TeamsRead,
		summary: "List teams", detail: "Oldest first.",
	}, f.listTeams)
	secured(a, route{
		method: http.MethodPost, path: "/v1/teams", tag: "Teams", id: "create-team", needs: authz.TeamsManage, success: http.StatusCreated,
		summary: "Create a team",
	}, func(ctx context.Context, c authn.Caller, in *createTeamInput) (*createdTeam, error) {
		return f.createTeam(ctx, a, c, in)
	})
	secured(a, route{
		method: http.MethodGet, path: "/v1/teams/{id}", tag: "Teams", id: "get-team", needs: authz.TeamsRead,
		summary: "Read a team",
	}, f.getTeam)
	secured(a, route{
		method: http.MethodPatch, path: "/v1/teams/{id}", tag: "Teams", id: "update-team", needs: authz.TeamsManage,
		summary: "Rename a team",
	}, f.renameTeam)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/teams/{id}", tag: "Teams", id: "delete-team", needs: authz.TeamsManage, success: http.StatusNoContent,
		summary: "Delete a team", detail: "It must have no members and no pending invitations, and not be the Default team.",
	}, f.deleteTeam)
}

func (f Orgs) listTeams(ctx context.Context, c authn.Caller, in *Paging) (*listOutput[Team], error) {
	found, err := f.ReadTeams.List(ctx, c.Actor, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, teamShape), nil
}

type teamName struct {
	Name string `json:"name" maxLength:"256" example:"Research"`
}

type createTeamInput struct {
	Repeatable
	Body teamName
}

type createdTeam struct {
	Replayed
	Body Team
}

func (f Orgs) createTeam(ctx context.Context, a *API, c authn.Caller, in *createTeamInput) (*createdTeam, error) {
	call := a.call(in.Repeatable, callerScope(c), "create-team", in.Body)
	team, again, err := repeat(ctx, a, call, func(ctx context.Context) (teams.Team, error) {
		return f.ManageTeams.Create(ctx, c.Actor, in.Body.Name)
	})
	if err != nil {
		return nil, err
	}
	out := &createdTeam{Body: teamShape(team)}
	out.mark(again)
	return out, nil
}

// callerScope is whose idempotency keys those of a caller are.
func callerScope(c authn.Caller) string { return c.Actor.OrgID + ":" + c.Actor.UserID }

func (f Orgs) getTeam(ctx context.Context, c authn.Caller, in *ByID) (*output[Team], error) {
	team, err := f.ReadTeams.Get(ctx, c.Actor, in.ID)
	return answer(teamShape(team), err)
}

type renameTeamInput struct {
	ByID
	Body teamName
}

func (f Orgs) renameTeam(ctx context.Context, c authn.Caller, in *renameTeamInput) (*output[Team], error) {
	team, err := f.ManageTeams.Rename(ctx, c.Actor, in.ID, in.Body.Name)
	return answer(teamShape(team), err)
}

func (f Orgs) deleteTeam(ctx context.Context, c authn.Caller, in *ByID) (*none, error) {
	return done(f.ManageTeams.Delete(ctx, c.Actor, in.ID))
}
