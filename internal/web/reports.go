package web

import (
	"context"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// Reports is the function for what finance and security read.
type Reports struct {
	Audit audit.Reader
	Spend spend.Reporter

	Billing credits.Reader
	Prepaid bool
}

// Mount adds its routes.
func (f Reports) Mount(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/audit", tag: "Audit", id: "list-audit-entries", needs: authz.AuditRead,
		summary: "Who changed what", detail: "Newest first. Each entry was written in the same transaction as its change; a new one may be missing for a second where the list is filtered.",
	}, f.audit)
	f.mountSpend(a)
	f.mountBilling(a)
}

type auditInput struct {
	Paging
	Actor  string       `query:"actor" maxLength:"64" doc:"Only what this user did: an id."`
	Action audit.Action `query:"action" maxLength:"64" doc:"Only this action." example:"invitation.accepted"`
	Target string       `query:"target" maxLength:"64" doc:"Only what was done to the thing with this id."`
	From   time.Time    `query:"from" doc:"Not before."`
	To     time.Time    `query:"to" doc:"Before."`
}

func (f Reports) audit(ctx context.Context, c authn.Caller, in *auditInput) (*listOutput[AuditEntry], error) {
	found, err := f.Audit.List(ctx, c.Actor, audit.Filter{
		ActorID: in.Actor, Action: in.Action, TargetID: in.Target, From: in.From, To: in.To,
	}, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, auditShape), nil
}
