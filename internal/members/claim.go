package members

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/users"
)

// ClaimStore is what Placed and Reclaim need.
type ClaimStore interface {
	// Org returns an org, deleted ones too, or fault.ErrNotFound.
	Org(ctx context.Context, id string) (orgs.Org, error)
}

// Placed reports whether u is in an org that lives: the claim of a deleted one is void, also
// while the purge has not reached it. It reads one org whoever u is, somebody's or nobody's, so
// that the time that it takes does not tell who has an account.
func Placed(ctx context.Context, store ClaimStore, u users.User, now time.Time) (bool, error) {
	org, err := store.Org(ctx, cmp.Or(u.OrgID, ident.Floor(now)))
	if errors.Is(err, fault.ErrNotFound) {
		return false, nil
	}
	return u.OrgID != "" && org.Live(), err
}

// Reclaim returns the claim by which a user who exists can join an org, or
// ErrAlreadyInOrganization. Somebody whose org was deleted is free at once, although the
// purge may not have reached them.
func Reclaim(ctx context.Context, store ClaimStore, u users.User) (users.Claim, error) {
	c := users.Claim{User: u}
	if u.OrgID == "" {
		return c, nil
	}
	org, err := store.Org(ctx, u.OrgID)
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return c, err
	}
	if err != nil || org.Live() {
		return c, ErrAlreadyInOrganization
	}
	c.VoidOrgID = u.OrgID
	return c, nil
}
