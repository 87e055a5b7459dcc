package members

import (
	"context"
	"errors"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/users"
)

// ClaimStore is what Reclaim needs.
type ClaimStore interface {
	// Org returns an org, deleted ones too, or fault.ErrNotFound.
	Org(ctx context.Context, id string) (orgs.Org, error)
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
