package keys

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/page"
)

// Reader reads keys.
type Reader struct {
	Store Store
	Now   func() time.Time
}

// Held is a key as it stands now.
type Held struct {
	Key
	// Role is the holder's. It is empty when they are no longer a member.
	Role authz.Role `json:"role"`
	// HolderName and HolderEmail are empty then, too.
	HolderName  string `json:"-"`
	HolderEmail string `json:"-"`
	// LastUsed is the day, in UTC, of the last request that the gateway reported, if that
	// was in this month or the last; else zero. The sums of spend tell: no request costs a
	// write for it.
	LastUsed time.Time `json:"last_used,omitempty"`
}

// List returns keys, newest first: all of the org with keys:read, else the actor's own.
// Asking for another's without keys:read is refused.
func (r Reader) List(ctx context.Context, actor authz.Actor, f Filter, p page.Request) (page.Of[Held], error) {
	if !actor.Role.Has(authz.KeysRead) {
		if f.UserID != "" && f.UserID != actor.UserID {
			return page.Of[Held]{}, authz.CheckOrg(actor, authz.KeysRead)
		}
		f.UserID = actor.UserID
	}
	found, err := r.Store.Keys(ctx, actor.OrgID, f, p)
	if err != nil {
		return page.Of[Held]{}, err
	}
	held, err := r.Store.AllHeld(ctx, actor.OrgID, found.Data, r.Now())
	return page.Of[Held]{Data: held, Next: found.Next}, err
}

// Get returns one key. Without keys:read the keys of others are answered as unknown.
func (r Reader) Get(ctx context.Context, actor authz.Actor, id string) (Held, error) {
	k, err := r.Store.Key(ctx, actor.OrgID, id)
	if err != nil {
		return Held{}, err
	}
	if k.UserID != actor.UserID && !actor.Role.Has(authz.KeysRead) {
		return Held{}, fault.ErrNotFound
	}
	return r.Store.Held(ctx, actor.OrgID, k, r.Now())
}
