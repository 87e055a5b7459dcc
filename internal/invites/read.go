package invites

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/page"
)

// ErrUnknownStatus is returned by ParseStatus.
var ErrUnknownStatus = fault.BadField("query.status", "The status must be pending, accepted, declined, revoked or expired.")

// ParseStatus turns text into a status; empty text means any.
func ParseStatus(s string) (Status, error) {
	switch status := Status(s); status {
	case "", Pending, Accepted, Declined, Revoked, Expired:
		return status, nil
	default:
		return "", ErrUnknownStatus
	}
}

// Filter narrows a list of invitations; what is empty narrows nothing.
type Filter struct {
	Status   Status
	Delivery Delivery
}

// Reader reads invitations. All need invitations:read.
type Reader struct {
	Store interface {
		Invitation(ctx context.Context, orgID, id string) (Invitation, error)
		// Invitations returns those that fit at now, newest first. What was made after ripe
		// cannot be due at now, so that nobody has to look.
		Invitations(ctx context.Context, orgID string, f Filter, now, ripe time.Time, p page.Request) (page.Of[Invitation], error)
	}
	Now      func() time.Time
	Lifetime time.Duration
}

// Get returns one invitation.
func (r Reader) Get(ctx context.Context, actor authz.Actor, id string) (Invitation, error) {
	if err := authz.CheckOrg(actor, authz.InvitationsRead); err != nil {
		return Invitation{}, err
	}
	return r.Store.Invitation(ctx, actor.OrgID, id)
}

// List returns invitations, newest first.
func (r Reader) List(ctx context.Context, actor authz.Actor, f Filter, p page.Request) (page.Of[Invitation], error) {
	if err := authz.CheckOrg(actor, authz.InvitationsRead); err != nil {
		return page.Of[Invitation]{}, err
	}
	now := r.Now()
	return r.Store.Invitations(ctx, actor.OrgID, f, now, now.Add(-r.Lifetime), p)
}
