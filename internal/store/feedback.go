package store

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/invites"
)

// SaveOutcome sets the delivery of an invitation, whatever its status, if its present token
// went out with the letter: what became of an older mail says nothing about the last one.
// A complaint stays. Invitations that are not there are left alone. Only one that is pending
// has a due time.
func (s *Store) SaveOutcome(ctx context.Context, orgID, invitationID, letterID string, d invites.Delivery) error {
	note := func(change string) write {
		return update(tenant(orgID).invitation(invitationID), change, values{"delivery": d}).
			when("begins_with(#hash, :letter) AND delivery <> :complained", values{"letter": letterID, "complained": invites.Complained}).
			otherwise(nil)
	}
	err := s.apply(ctx, note("SET delivery = :delivery, due_at = expires_at").
		and("#status = :pending", values{"pending": invites.Pending}).otherwise(invites.ErrNotPending))
	if !errors.Is(err, invites.ErrNotPending) {
		return err
	}
	return s.apply(ctx, note("SET delivery = :delivery")) // it has ended: nothing of it is due
}

// Suppress stops all mails to an address. It keeps the time of the first complaint.
func (s *Store) Suppress(ctx context.Context, address string, at time.Time) error {
	return s.apply(ctx, update(suppressionKey(address), "SET complained_at = if_not_exists(complained_at, :at)", values{"at": at}))
}

// Unwanted returns those of the addresses that complained, in one round trip.
func (s *Store) Unwanted(ctx context.Context, addresses []string) (map[string]bool, error) {
	keys := make([]key, len(addresses))
	for i, a := range addresses {
		keys[i] = suppressionKey(a)
	}
	items, err := s.getMany(ctx, keys...)
	if err != nil {
		return nil, err
	}
	unwanted := map[string]bool{}
	for i, item := range items {
		if item != nil {
			unwanted[addresses[i]] = true
		}
	}
	return unwanted, nil
}
