package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

var system = authz.System

// ExpireStore is what Expirer needs.
type ExpireStore interface {
	// Invitation returns fault.ErrNotFound when the org has none of that id.
	Invitation(ctx context.Context, orgID, id string) (Invitation, error)
	// ExpireInvitations turns those of one org that are pending and due at now to expired,
	// each with its entry, and returns how many it turned. Others are left alone.
	ExpireInvitations(ctx context.Context, due []Expiry, now time.Time) (int, error)
}

// Expiry is an invitation to be turned to expired.
type Expiry struct {
	Invitation Invitation
	Audit      audit.Entry
}

// Expirer turns due invitations to expired.
type Expirer struct {
	Store ExpireStore
	Now   func() time.Time
}

// Expire turns those of due, all of one org, that still are pending and due, and returns
// how many. Any number of expirers may have the same list.
func (e Expirer) Expire(ctx context.Context, due []Invitation) (int, error) {
	now := e.Now()
	expiries := make([]Expiry, len(due))
	for i, inv := range due {
		expiries[i] = Expiry{inv, systemEntry(now, audit.InvitationExpired, inv)}
	}
	return e.Store.ExpireInvitations(ctx, expiries, now)
}

// unblock expires the invitation if it is due, and reports whether it no longer blocks its
// address.
func (e Expirer) unblock(ctx context.Context, orgID, id string) bool {
	inv, err := e.Store.Invitation(ctx, orgID, id)
	if err != nil {
		return errors.Is(err, fault.ErrNotFound)
	}
	if inv.StatusAt(e.Now()) == Pending {
		return false
	}
	_, err = e.Expire(ctx, []Invitation{inv})
	return err == nil
}
