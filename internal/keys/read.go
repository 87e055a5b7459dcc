package keys

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/page"
)

// Reader reads keys.
type Reader struct{ Store Store }

// Held is a key and the present role of its holder: what the key may do. The role is empty
// when the holder is no longer a member.
type Held struct {
	Key
	Role authz.Role `json:"role"`
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
	held, err := r.held(ctx, actor.OrgID, found.Data)
	return page.Of[Held]{Data: held, Next: found.Next}, err
}

// held adds the holders' roles.
func (r Reader) held(ctx context.Context, orgID string, found []Key) ([]Held, error) {
	holders := make([]string, len(found))
	for i, k := range found {
		holders[i] = k.UserID
	}
	roles, err := r.Store.Roles(ctx, orgID, holders)
	if err != nil {
		return nil, err
	}
	held := make([]Held, len(found))
	for i, k := range found {
		held[i] = Held{k, roles[k.UserID]}
	}
	return held, nil
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
	held, err := r.held(ctx, actor.OrgID, []Key{k})
	if err != nil {
		return Held{}, err
	}
	return held[0], nil
}
