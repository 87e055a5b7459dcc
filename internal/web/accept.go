package web

import (
	"context"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// Accept is the function for what an invitee can do with the link in their mail. The link
// is all that it asks for.
type Accept struct {
	Preview invites.Previewer
	Accept  invites.Acceptor
	Decline invites.Decliner
}

// Mount adds its routes.
func (f Accept) Mount(a *API) {
	const tag = "Invitation links"
	public(a, route{
		method: http.MethodPost, path: "/v1/invitations/preview", tag: tag, id: "preview-invitation",
		summary: "See what you are invited to", detail: "Changes nothing.",
	}, f.preview)
	public(a, route{
		method: http.MethodPost, path: "/v1/invitations/accept", tag: tag, id: "accept-invitation",
		summary: "Join", detail: "Makes the address's person a member and signs them in, or does nothing. Sets the session cookie too.",
	}, func(ctx context.Context, in *acceptInput) (*joinedOutput, error) { return f.accept(ctx, a, in) })
	public(a, route{
		method: http.MethodPost, path: "/v1/invitations/decline", tag: tag, id: "decline-invitation", success: http.StatusNoContent,
		summary: "Say no",
	}, f.decline)
}

// Preview is what an invitee is told before they decide.
type Preview struct {
	OrgName     string     `json:"org_name"`
	InviterName string     `json:"inviter_name" doc:"Or their address, if they gave no name."`
	Email       string     `json:"email" doc:"The address that was invited."`
	Role        authz.Role `json:"role" enum:"admin,member,viewer"`
	TeamName    string     `json:"team_name"`
	ExpiresAt   time.Time  `json:"expires_at"`
}

func (f Accept) preview(ctx context.Context, in *struct{ Body linkBody }) (*output[Preview], error) {
	offer, err := f.Preview.Preview(ctx, in.Body.Token)
	inv := offer.Invitation
	return answer(Preview{offer.Org.Name, inv.InvitedBy.Display(), inv.Email, inv.Role, offer.TeamName, inv.ExpiresAt}, err)
}

type acceptInput struct {
	Repeatable
	Body struct {
		Token string `json:"token" maxLength:"512" doc:"From the mailed link."`
		Name  string `json:"name,omitempty" maxLength:"256" doc:"What you are called, if you have not said before."`
	}
}

type joinedOutput struct {
	Replayed
	SetCookie *http.Cookie `header:"Set-Cookie"`
	Body      struct {
		Membership Member  `json:"membership"`
		Session    Session `json:"session"`
	}
}

func (f Accept) accept(ctx context.Context, a *API, in *acceptInput) (*joinedOutput, error) {
	call := a.call(in.Repeatable, linkScope(in.Body.Token), "accept-invitation", in.Body)
	joined, again, err := repeat(ctx, a, call, func(ctx context.Context) (invites.Joined, error) {
		return f.Accept.Accept(ctx, in.Body.Token, in.Body.Name, originOf(ctx))
	})
	if err != nil {
		return nil, err
	}
	out := &joinedOutput{SetCookie: cookieOf(joined.Session)}
	out.mark(again)
	out.Body.Membership, out.Body.Session = memberShape(joined.Member), sessionShape(joined.Session)
	return out, nil
}

func (f Accept) decline(ctx context.Context, in *struct{ Body linkBody }) (*none, error) {
	return done(f.Decline.Decline(ctx, in.Body.Token, originOf(ctx)))
}
