package keys

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/names"
)

// MaxGrace is how long the old secret of a rotated key may go on working.
const MaxGrace = 7 * 24 * time.Hour

// ErrStale is returned by the store when a key changed since it was read.
var ErrStale = fault.New(fault.Conflict, "changed_meanwhile", "Somebody else changed this key at the same time. Look again, then repeat.")

// ErrBadGrace is the fault of a grace out of bounds.
var ErrBadGrace = fault.BadField("body.grace_seconds", "The grace is 0 to 604800 seconds.")

// Manager revokes, edits and rotates keys: one's own with keys:manage_own, any with
// keys:manage. Nobody touches a key whose holder may do more than they: whoever rotates a
// key holds its new secret.
type Manager struct {
	Store  Store
	Now    func() time.Time
	Prefix Prefix // of new secrets
}

// tries bounds how often an operation reads again after ErrStale.
const tries = 5

// managed finds the key, checks that the actor may change it, and calls change; again if
// the key changed under its hands.
func (m Manager) managed(ctx context.Context, actor authz.Actor, id string, change func(Held) error) error {
	var err error
	for range tries {
		var held Held
		if held, err = m.find(ctx, actor, id); err == nil {
			err = change(held)
		}
		if !errors.Is(err, ErrStale) {
			return err
		}
	}
	return err
}

func (m Manager) find(ctx context.Context, actor authz.Actor, id string) (Held, error) {
	held, err := Reader{m.Store, m.Now}.Get(ctx, actor, id)
	if err != nil {
		return Held{}, err
	}
	if err := authz.Check(actor, authz.KeysManageOwn, authz.Thing{OrgID: held.OrgID, OwnerID: held.UserID}); err != nil {
		return Held{}, err
	}
	if held.Role != "" && held.Role.Rank() < actor.Role.Rank() {
		return Held{}, authz.ErrRoleTooHigh.Saying("The holder of this key may do more than you.")
	}
	if !held.RevokedAt.IsZero() {
		return Held{}, fault.ErrNotFound
	}
	return held, nil
}

// Revoke ends a key for good.
func (m Manager) Revoke(ctx context.Context, actor authz.Actor, id string) error {
	return m.managed(ctx, actor, id, func(held Held) error {
		held.RevokedAt = m.Now()
		entry := audit.Record(held.RevokedAt, actor, audit.KeyRevoked, held.Target(), nil, audit.Values{"user_id": held.UserID})
		return m.Store.RevokeKey(ctx, held, entry)
	})
}

// Change is what of a key is to be different. Nil fields stay.
type Change struct {
	Name              *string
	Models            *[]string
	RequestsPerMinute *int
	ExpiresAt         *time.Time // the zero time means never
}

// Edit changes a key's name, limits and expiry. What is so already is not changed, nor
// recorded: whoever repeats a call whose answer was lost repeats nothing else.
func (m Manager) Edit(ctx context.Context, actor authz.Actor, id string, c Change) (edited Held, err error) {
	err = m.managed(ctx, actor, id, func(before Held) error {
		now := m.Now()
		if edited, err = c.apply(now, before); err != nil || edited.sameTerms(before.Key) {
			return err
		}
		entry := audit.Record(now, actor, audit.KeyUpdated, edited.Target(), before.values(), edited.values())
		return m.Store.EditKey(ctx, edited, entry)
	})
	return edited, err
}

func (c Change) apply(now time.Time, k Held) (_ Held, err error) {
	if c.Name != nil {
		if k.Name, err = names.Clean("body.name", *c.Name); err != nil {
			return k, err
		}
	}
	if c.Models != nil {
		k.Models = *c.Models
	}
	if c.RequestsPerMinute != nil {
		k.RequestsPerMinute = *c.RequestsPerMinute
	}
	if c.ExpiresAt != nil {
		if k.ExpiresAt, err = expiry(now, *c.ExpiresAt); err != nil {
			return k, err
		}
	}
	return k, k.Limits.check()
}

// sameTerms reports whether the keys are alike in all that Edit changes.
func (k Key) sameTerms(as Key) bool {
	return k.Name == as.Name && slices.Equal(k.Models, as.Models) && k.RequestsPerMinute == as.RequestsPerMinute && k.ExpiresAt.Equal(as.ExpiresAt)
}

// values is what audit entries tell of a key.
func (k Key) values() audit.Values {
	v := audit.Values{"name": k.Name, "models": k.Models, "requests_per_minute": k.RequestsPerMinute}
	if !k.ExpiresAt.IsZero() {
		v["expires_at"] = k.ExpiresAt.UTC().Format(time.RFC3339)
	}
	return v
}

// Rotate gives the key a new secret, which is never to be had again, under the same id:
// spend and budgets carry on. The old secret works for the grace; one from an earlier
// rotation stops now.
func (m Manager) Rotate(ctx context.Context, actor authz.Actor, id string, graceSeconds int) (rotated Held, plain string, err error) {
	if graceSeconds < 0 || graceSeconds > int(MaxGrace/time.Second) { // before it is a Duration, which may overflow
		return Held{}, "", ErrBadGrace
	}
	grace := time.Duration(graceSeconds) * time.Second
	err = m.managed(ctx, actor, id, func(before Held) error {
		now := m.Now()
		rotated = before
		plain = rotated.newSecret(m.Prefix)
		rotated.RotatedAt, rotated.Ceiling = now, ceiling(actor, before.UserID)
		rotated.Revision++
		rotated.PreviousHash, rotated.PreviousUntil = before.Hash, now.Add(grace)
		entry := audit.Record(now, actor, audit.KeyRotated, rotated.Target(), nil,
			audit.Values{"previous_until": rotated.PreviousUntil.UTC().Format(time.RFC3339)})
		return m.Store.RotateKey(ctx, before.Key, rotated, entry)
	})
	return rotated, plain, err
}
