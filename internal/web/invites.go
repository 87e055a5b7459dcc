package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/once"
)

// Invites is the function by which people are invited.
type Invites struct {
	Create invites.Creator
	Resend invites.Resender
	Revoke invites.Revoker
	Read   invites.Reader
}

// invitationPaths are where invitations are created and listed. The second is the address
// that earlier scripts know.
var invitationPaths = []struct{ path, suffix string }{
	{"/v1/invitations", ""},
	{"/api/supabase/invitations", "-alias"},
}

// maxBulkBody is the largest body of a bulk call, in bytes.
const maxBulkBody = 256 << 10

// Mount adds its routes.
func (f Invites) Mount(a *API) {
	const tag = "Invitations"
	h := invitesHandler{f, a}
	for _, p := range invitationPaths {
		secured(a, route{
			method: http.MethodPost, path: p.path, tag: tag, id: "create-invitation" + p.suffix, needs: authz.InvitationsManage, success: http.StatusCreated,
			summary: "Invite somebody", detail: "Mails a link that is good for 7 days. The team is yours unless you name another.",
		}, h.create)
		secured(a, route{
			method: http.MethodGet, path: p.path, tag: tag, id: "list-invitations" + p.suffix, needs: authz.InvitationsRead,
			summary: "List invitations", detail: "Newest first. A new invitation may be missing for a second where the list is filtered.",
		}, h.list)
	}
	secured(a, route{
		method: http.MethodPost, path: "/v1/invitations/bulk", tag: tag, id: "create-invitations", needs: authz.InvitationsManage, maxBody: maxBulkBody,
		summary: "Invite up to 100 people", detail: "Answers a result per row, in order. Good rows succeed whatever becomes of the others.",
	}, h.createAll)
	secured(a, route{
		method: http.MethodGet, path: "/v1/invitations/{id}", tag: tag, id: "get-invitation", needs: authz.InvitationsRead,
		summary: "Read an invitation",
	}, h.get)
	secured(a, route{
		method: http.MethodPost, path: "/v1/invitations/{id}/resend", tag: tag, id: "resend-invitation", needs: authz.InvitationsManage,
		summary: "Mail it again", detail: "With a new link, good for 7 days; the old one is dead. Works on expired invitations too.",
	}, h.resend)
	secured(a, route{
		method: http.MethodDelete, path: "/v1/invitations/{id}", tag: tag, id: "revoke-invitation", needs: authz.InvitationsManage, success: http.StatusNoContent,
		summary: "Withdraw it",
	}, h.revoke)
}

// invitesHandler is Invites with the API that it is mounted on.
type invitesHandler struct {
	Invites
	api *API
}

// NewInvitation is one person to invite.
type NewInvitation struct {
	Email  string `json:"email" maxLength:"1024" example:"alice@acme.com"`
	Role   string `json:"role" maxLength:"64" doc:"admin, member or viewer." example:"admin"`
	TeamID string `json:"team_id,omitempty" maxLength:"64" doc:"Yours unless given."`
}

func (n NewInvitation) at(row int) invites.New {
	return invites.New{Email: n.Email, Role: n.Role, TeamID: n.TeamID, Row: row}
}

type createInvitationInput struct {
	Repeatable
	Body NewInvitation
}

type invitationOutput struct {
	Replayed
	Body Invitation
}

func (h invitesHandler) shape(i invites.Invitation) Invitation {
	return invitationShape(h.api.now())(i)
}

func (h invitesHandler) output(i invites.Invitation, again bool, err error) (*invitationOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &invitationOutput{Body: h.shape(i)}
	out.mark(again)
	return out, nil
}

func (h invitesHandler) create(ctx context.Context, c authn.Caller, in *createInvitationInput) (*invitationOutput, error) {
	call := h.api.call(in.Repeatable, callerScope(c), "create-invitation", in.Body)
	return h.output(repeat(ctx, h.api, call, func(ctx context.Context) (invites.Invitation, error) {
		return h.Create.Create(ctx, c.Actor, in.Body.at(0))
	}))
}

type bulkInput struct {
	Repeatable
	Body struct {
		Invitations []NewInvitation `json:"invitations" nullable:"false" minItems:"1" maxItems:"100"`
	}
}

// BulkResult is what became of one row: an invitation or an error.
type BulkResult struct {
	Row        int         `json:"row" doc:"Its place in the request, from 0."`
	Email      string      `json:"email" doc:"As it was sent."`
	Status     int         `json:"status" doc:"What the row alone would have answered." example:"201"`
	Invitation *Invitation `json:"invitation,omitempty"`
	Error      *Problem    `json:"error,omitempty"`
}

type bulkOutput struct {
	Body struct {
		Results []BulkResult `json:"results" nullable:"false" doc:"One for each row, in order."`
		Created int          `json:"created"`
		Failed  int          `json:"failed"`
	}
}

func (h invitesHandler) createAll(ctx context.Context, c authn.Caller, in *bulkInput) (*bulkOutput, error) {
	rows := in.Body.Invitations
	call := h.api.call(in.Repeatable, callerScope(c), "create-invitations", in.Body)
	before, err := h.written(ctx, call)
	if err != nil {
		return nil, err
	}
	var todo []invites.New
	for i, n := range rows {
		if before[i] == nil {
			todo = append(todo, n.at(i))
		}
	}
	if call != nil {
		ctx = once.With(ctx, *call)
	}
	results, err := h.Create.CreateAll(ctx, c.Actor, todo)
	if err != nil {
		return nil, err
	}
	after := before
	if slices.ContainsFunc(results, func(r invites.Result) bool { return mayBeTwins(r.Err) }) {
		if after, err = h.written(ctx, call); err != nil {
			return nil, err
		}
	}
	return h.bulkOutput(ctx, rows, after, todo, results), nil
}

// written returns what calls with this one's key have created so far, by row.
func (h invitesHandler) written(ctx context.Context, call *once.Call) (map[int]*invites.Invitation, error) {
	if call == nil {
		return nil, nil
	}
	return earlier[invites.Invitation](ctx, h.api, call)
}

// bulkOutput answers each row with its own result, if this call made one, else with what
// another call with the same key wrote.
func (h invitesHandler) bulkOutput(ctx context.Context, rows []NewInvitation, written map[int]*invites.Invitation, todo []invites.New, results []invites.Result) *bulkOutput {
	out := &bulkOutput{}
	for i, n := range rows {
		var result invites.Result
		if len(todo) > 0 && todo[0].Row == i {
			result, todo, results = results[0], todo[1:], results[1:]
		}
		if written[i] != nil && (result.Err != nil || result.Invitation.ID == "") {
			result = invites.Result{Invitation: *written[i]}
		}
		out.add(h.result(ctx, i, n, result))
	}
	return out
}

func (o *bulkOutput) add(r BulkResult) {
	o.Body.Results = append(o.Body.Results, r)
	if r.Error == nil {
		o.Body.Created++
	} else {
		o.Body.Failed++
	}
}

func (h invitesHandler) result(ctx context.Context, row int, n NewInvitation, r invites.Result) BulkResult {
	if r.Err != nil {
		p := problemOf(ctx, r.Err)
		for i := range p.Errors {
			p.Errors[i].Location = strings.Replace(p.Errors[i].Location, "body.", fmt.Sprintf("body.invitations[%d].", row), 1)
		}
		return BulkResult{Row: row, Email: n.Email, Status: p.Status, Error: p}
	}
	shown := h.shape(r.Invitation)
	return BulkResult{Row: row, Email: n.Email, Status: http.StatusCreated, Invitation: &shown}
}

type listInvitationsInput struct {
	Paging
	Status string `query:"status" maxLength:"64" doc:"pending, accepted, declined, revoked or expired."`
}

func (h invitesHandler) list(ctx context.Context, c authn.Caller, in *listInvitationsInput) (*listOutput[Invitation], error) {
	status, err := invites.ParseStatus(in.Status)
	if err != nil {
		return nil, err
	}
	found, err := h.Read.List(ctx, c.Actor, invites.Filter{Status: status}, in.request())
	if err != nil {
		return nil, err
	}
	return listed(found, invitationShape(h.api.now())), nil
}

func (h invitesHandler) get(ctx context.Context, c authn.Caller, in *ByID) (*output[Invitation], error) {
	inv, err := h.Read.Get(ctx, c.Actor, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(h.shape(inv), nil)
}

type resendInput struct {
	Repeatable
	ByID
}

func (h invitesHandler) resend(ctx context.Context, c authn.Caller, in *resendInput) (*invitationOutput, error) {
	call := h.api.call(in.Repeatable, callerScope(c), "resend-invitation", in.ID)
	return h.output(repeat(ctx, h.api, call, func(ctx context.Context) (invites.Invitation, error) {
		return h.Resend.Resend(ctx, c.Actor, in.ID)
	}))
}

func (h invitesHandler) revoke(ctx context.Context, c authn.Caller, in *ByID) (*none, error) {
	return done(h.Revoke.Revoke(ctx, c.Actor, in.ID))
}
