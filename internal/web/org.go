package web

import (
	"context"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/teams"
)

// Orgs is the function for the organization itself and its teams.
type Orgs struct {
	Read     orgs.Reader
	Update   orgs.Updater
	Delete   orgs.Deleter
	Transfer members.Transferor

	ReadTeams   teams.Reader
	ManageTeams teams.Manager
}

// Mount adds its routes.
func (f Orgs) Mount(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/org", tag: "Organization", id: "get-org", needs: authz.OrgRead,
		summary: "Your organization",
	}, f.get)
	secured(a, route{
		method: http.MethodPatch, path: "/v1/org", tag: "Organization", id: "update-org", needs: authz.OrgUpdate,
		summary: "Rename it, or change its slug",
	}, f.update)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/org", tag: "Organization", id: "delete-org", needs: authz.OrgDelete, success: http.StatusNoContent,
		summary: "Delete it", detail: "From the answer on, nothing of the organization works. Its data is removed in the background; the audit trail stays.",
	}, f.delete)
	secured(a, route{
		method: http.MethodPost, path: "/v1/org/transfer", tag: "Organization", id: "transfer-org", needs: authz.OrgTransfer,
		summary: "Make another member the owner", detail: "You become an admin. Answers the new owner.",
	}, f.transfer)
	f.mountTeams(a)
}

func (f Orgs) get(_ context.Context, c authn.Caller, _ *nothing) (*output[Org], error) {
	return answer(orgShape(c.Org), authz.CheckOrg(c.Actor, authz.OrgRead))
}

type updateOrgInput struct {
	Body struct {
		Name *string `json:"name,omitempty" maxLength:"256"`
		Slug *string `json:"slug,omitempty" maxLength:"256" doc:"3 to 40 lower-case letters, digits and single hyphens."`
	}
}

func (f Orgs) update(ctx context.Context, c authn.Caller, in *updateOrgInput) (*output[Org], error) {
	org, err := f.Update.Update(ctx, c.Actor, orgs.Change{Name: in.Body.Name, Slug: in.Body.Slug})
	return answer(orgShape(org), err)
}

type deleteOrgInput struct {
	Body struct {
		Confirm string `json:"confirm" maxLength:"256" doc:"The organization's slug."`
	}
}

func (f Orgs) delete(ctx context.Context, c authn.Caller, in *deleteOrgInput) (*none, error) {
	return done(f.Delete.Delete(ctx, c.Actor, in.Body.Confirm))
}

type transferInput struct {
	Body struct {
		UserID string `json:"user_id" maxLength:"64" doc:"A member of the organization."`
	}
}

func (f Orgs) transfer(ctx context.Context, c authn.Caller, in *transferInput) (*output[Member], error) {
	owner, err := f.Transfer.Transfer(ctx, c.Actor, in.Body.UserID)
	return answer(memberShape(owner), err)
}
