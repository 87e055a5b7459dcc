package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/users"
)

// UserByEmail returns the person with the address, or fault.ErrNotFound.
func (s *Store) UserByEmail(ctx context.Context, email string) (users.User, error) {
	return fetch[users.User](ctx, s, userKey(email), fault.ErrNotFound)
}

// Recipient returns who has an address, zero when nobody has, and whether it complained
// about our mails, in one round trip.
func (s *Store) Recipient(ctx context.Context, email string) (u users.User, unwanted bool, err error) {
	items, err := s.getMany(ctx, userKey(email), suppressionKey(email))
	if err != nil || items[0] == nil {
		return u, err == nil && items[1] != nil, err
	}
	return u, items[1] != nil, decode(items[0], &u)
}

// claim ties c.User to its org, which no other org can do until release. A new user is
// created with the claim. The database decides: an address has one user, a user has one
// org. The claim of a deleted org that the purge has not reached yet is void.
func claim(c users.Claim) write {
	u := c.User
	if c.New {
		return insert(userKey(u.Email), u).explained(func(old attributes) error {
			known, err := decodeAs[users.User](old)
			if err != nil {
				return err
			}
			return users.Known{User: known}
		})
	}
	if c.VoidOrgID != "" {
		return put(userKey(u.Email), u).
			when("id = :id AND (org_id = :void OR attribute_not_exists(org_id))", values{"id": u.ID, "void": c.VoidOrgID}).
			otherwise(members.ErrAlreadyInOrganization)
	}
	return put(userKey(u.Email), u).
		when("id = :id AND attribute_not_exists(org_id)", values{"id": u.ID}).
		otherwise(members.ErrAlreadyInOrganization)
}

// release undoes the claim of the org on the member's user.
func (t tenant) release(email string) write {
	return update(userKey(email), "REMOVE org_id", nil).when("org_id = :org", values{"org": string(t)})
}
