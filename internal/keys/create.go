package keys

import (
	"context"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// How much of a key is shown after its creation, in characters beside the prefix.
const (
	shownStart = 4
	shownEnd   = 4
)

// Holder is what of a membership a key is bound to.
type Holder struct {
	UserID     string
	Email      string
	TeamID     string
	Role       authz.Role
	Generation string
}

// New is what to create.
type New struct {
	UserID    string // the holder; empty means the actor
	Name      string
	Scopes    []Scope   // empty means inference
	ExpiresAt time.Time // zero means never
	Limits
}

// Store is what the operations on keys need.
type Store interface {
	// Holder returns fault.ErrNotFound when the org has no such member.
	Holder(ctx context.Context, orgID, userID string) (Holder, error)
	// Key returns fault.ErrNotFound when the org has none of that id.
	Key(ctx context.Context, orgID, id string) (Key, error)
	Keys(ctx context.Context, orgID string, f Filter, p page.Request) (page.Of[Key], error)
	// Held adds to a key of the org what stands elsewhere.
	Held(ctx context.Context, orgID string, k Key, now time.Time) (Held, error)
	// AllHeld is Held for a list, in order; what it adds may be a second old.
	AllHeld(ctx context.Context, orgID string, found []Key, now time.Time) ([]Held, error)
	// CreateKey returns ErrLimitReached when the holder has MaxLive live keys,
	// fault.ErrNotFound when they are no longer there, and authz.ErrRoleChanged when they are
	// no longer of the role and generation in h. When the actor in e is no longer of their
	// role, it returns authz.ErrRoleChanged, or authz.ErrForbidden if they lost the right.
	CreateKey(ctx context.Context, k Held, h Holder, e audit.Entry) error
	// RevokeKey, EditKey and RotateKey return fault.ErrNotFound when the key is not live,
	// ErrStale when it was edited or rotated, or its holder's role changed, since it was
	// read, and what CreateKey does when the actor in e is no longer of their role.
	RevokeKey(ctx context.Context, k Held, e audit.Entry) error
	EditKey(ctx context.Context, k Held, e audit.Entry) error
	// RotateKey gives the key after.Hash; before.Hash works until after.PreviousUntil, and
	// before.PreviousHash no more.
	RotateKey(ctx context.Context, before Key, after Held, e audit.Entry) error
}

// Filter narrows a list of keys. Zero fields do not narrow.
type Filter struct {
	UserID string
	TeamID string
	State  State
}

// State is whether a key is revoked.
type State string

// The states.
const (
	Live    State = "live"
	Revoked State = "revoked"
)

// Creator makes keys.
type Creator struct {
	Store  Store
	Now    func() time.Time
	Prefix Prefix
}

// Create makes a key and returns it with its secret, which is never to be had again. A key
// for oneself needs keys:manage_own; one for another needs keys:manage, and the holder's
// role within the actor's ceiling: a key acts as its holder.
func (c Creator) Create(ctx context.Context, actor authz.Actor, in New) (Held, string, error) {
	if in.UserID == "" {
		in.UserID = actor.UserID
	}
	if err := authz.Check(actor, authz.KeysManageOwn, authz.Thing{OrgID: actor.OrgID, OwnerID: in.UserID}); err != nil {
		return Held{}, "", err
	}
	if err := in.clean(c.Now()); err != nil {
		return Held{}, "", err
	}
	holder, err := c.Store.Holder(ctx, actor.OrgID, in.UserID)
	if err != nil {
		return Held{}, "", err
	}
	if err := mayHold(actor, holder, in.Scopes); err != nil {
		return Held{}, "", err
	}
	now := c.Now() // after the holder was read: what ended all their keys before was before this one
	key, plain := in.key(now, actor, holder, c.Prefix)
	entry := audit.Record(now, actor, audit.KeyCreated, key.Target(), nil,
		audit.Values{"user_id": key.UserID, "scopes": key.Scopes})
	held := Held{Key: key, Role: holder.Role}
	return held, plain, c.Store.CreateKey(ctx, held, holder, entry)
}

// mayHold is the ceiling: nobody makes a key that can do more than they can themselves, nor
// one that would be an admin's in their hands; and an inference key needs a role that may run
// inference.
func mayHold(actor authz.Actor, h Holder, scopes []Scope) error {
	other := h.UserID != actor.UserID
	if other && h.Role.Rank() < actor.Role.Rank() {
		return authz.ErrRoleTooHigh.Saying("A key acts as its holder, and this holder may do more than you.")
	}
	if other && slices.Contains(scopes, Manage) && h.Role.Rank() < authz.Member.Rank() {
		return authz.ErrForbidden.Saying("An admin's key with the scope manage is made by that admin alone.")
	}
	if !other && !h.Role.Has(authz.KeysManageOwn) { // they had it when this request was let in
		return authz.ErrForbidden
	}
	if slices.Contains(scopes, Inference) && !h.Role.Has(authz.KeysManageOwn) {
		return authz.ErrForbidden.Saying("A viewer holds no inference key.")
	}
	return nil
}

func (in *New) clean(now time.Time) (err error) {
	if in.Name, err = names.Clean("body.name", in.Name); err != nil {
		return err
	}
	if len(in.Scopes) == 0 {
		in.Scopes = []Scope{Inference}
	}
	for i, s := range in.Scopes {
		if (s != Inference && s != Manage) || slices.Contains(in.Scopes[:i], s) {
			return ErrUnknownScope
		}
	}
	if in.ExpiresAt, err = expiry(now, in.ExpiresAt); err != nil {
		return err
	}
	return in.Limits.check()
}

// expiry returns a time as keys keep it, if it lies in the future or is zero.
func expiry(now, at time.Time) (time.Time, error) {
	if at.IsZero() {
		return at, nil
	}
	if at = at.UTC().Truncate(time.Microsecond); !at.After(now) {
		return at, ErrExpiryPast
	}
	return at, nil
}

func (in New) key(now time.Time, actor authz.Actor, h Holder, p Prefix) (Key, string) {
	k := Key{
		ID: ident.New(now), OrgID: actor.OrgID, UserID: h.UserID, Email: h.Email, TeamID: h.TeamID, Name: in.Name,
		Scopes: in.Scopes, CreatedBy: actor.UserID, CreatedAt: now, ExpiresAt: in.ExpiresAt,
		Limits: in.Limits, Generation: h.Generation, Ceiling: ceiling(actor, h.UserID),
	}
	return k, k.newSecret(p)
}

// newSecret gives the key a secret, which is shown once.
func (k *Key) newSecret(p Prefix) (plain string) {
	plain = secret.NewKey(string(p))
	k.Start, k.End = plain[:len(p)+shownStart], plain[len(plain)-shownEnd:]
	k.Hash = secret.Hash(plain)
	return plain
}
