package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
)

// EndStore is what revoking and declining need.
type EndStore interface {
	Invitation(ctx context.Context, orgID, id string) (Invitation, error)
	// EndInvitation turns a pending invitation to i.Status. It returns ErrNotPending when
	// it is not pending, has another token than i, or is due at now, and authz.ErrForbidden
	// when the one who revokes is no longer of their role.
	EndInvitation(ctx context.Context, i Invitation, now time.Time, e audit.Entry) error
}

// Revoker withdraws invitations.
type Revoker struct {
	Store EndStore
	Now   func() time.Time
}

// endTries bounds how often ending reads again after a change under its hands. Each try
// but the last lost to a resend or a redelivery, or to an end, which the next read tells.
const endTries = 5

// Revoke withdraws a pending invitation. It needs invitations:manage. One that has left
// pending answers with how it did.
func (r Revoker) Revoke(ctx context.Context, actor authz.Actor, id string) error {
	if err := authz.CheckOrg(actor, authz.InvitationsManage); err != nil {
		return err
	}
	return untilSettled(func() error {
		inv, err := r.Store.Invitation(ctx, actor.OrgID, id)
		if err != nil {
			return err
		}
		now := r.Now()
		if err := inv.checkPending(now); err != nil {
			return err
		}
		before := inv.values()
		inv.Status = Revoked
		entry := audit.Record(now, actor, audit.InvitationRevoked, inv.Target(), before, nil)
		return r.Store.EndInvitation(ctx, inv, now, entry)
	})
}

func untilSettled(try func() error) error {
	var err error
	for range endTries {
		if err = try(); !errors.Is(err, ErrNotPending) {
			return err
		}
	}
	return err
}
