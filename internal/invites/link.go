package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// Previewer shows an invitation to the holder of its link, and changes nothing.
type Previewer struct {
	// Store.FullOffer returns the offer with the team's name and the inviter, or
	// fault.ErrNotFound.
	Store interface {
		FullOffer(ctx context.Context, orgID, id string) (Offer, error)
	}
	Now func() time.Time
}

// Preview returns the offer if it could be accepted now, else why not.
func (p Previewer) Preview(ctx context.Context, token string) (Offer, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Offer{}, err
	}
	offer, err := p.Store.FullOffer(ctx, t.OrgID, t.InvitationID)
	if err != nil {
		return Offer{}, asUnknownLink(err)
	}
	if err := offer.check(p.Now(), t.Hash); err != nil {
		return Offer{}, err
	}
	if offer.Inviter == nil || !authz.CanGrant(offer.Inviter.Role, offer.Invitation.Role) {
		return Offer{}, ErrInviterLost
	}
	return offer, nil
}

// Decliner lets invitees say no.
type Decliner struct {
	Store interface {
		EndStore
		Offer(ctx context.Context, orgID, id string) (Offer, error)
	}
	Now func() time.Time
}

// Decline ends the invitation at its invitee's wish.
func (d Decliner) Decline(ctx context.Context, token string, req authz.Request) error {
	t, err := ParseToken(token)
	if err != nil {
		return err
	}
	return untilSettled(func() error {
		offer, err := d.Store.Offer(ctx, t.OrgID, t.InvitationID)
		if err != nil {
			return asUnknownLink(err)
		}
		now := d.Now()
		if err := offer.check(now, t.Hash); err != nil {
			return err
		}
		inv := offer.Invitation
		before := inv.values()
		inv.Status = Declined
		actor := authz.Actor{Request: req, Via: authz.ViaLink, Email: inv.Email, OrgID: inv.OrgID}
		return d.Store.EndInvitation(ctx, inv, now, audit.Record(now, actor, audit.InvitationDeclined, inv.Target(), before, nil))
	})
}

func asUnknownLink(err error) error {
	if errors.Is(err, fault.ErrNotFound) {
		return ErrUnknownLink
	}
	return err
}
