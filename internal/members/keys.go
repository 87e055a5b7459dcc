package members

import (
	"context"
	"maps"
	"slices"

	"github.com/nemorouter/nemo-team/internal/keys"
)

// KeyStore knows the keys that members hold.
type KeyStore interface {
	// SeveralKeys returns those of the keys that there are, by id, in one round trip; in none
	// if nothing is asked for.
	SeveralKeys(ctx context.Context, orgID string, ids []string) (map[string]keys.Key, error)
}

// liveKeys returns the keys that m holds, oldest first. It returns ErrStale when one is no
// longer there.
func liveKeys(ctx context.Context, store KeyStore, m Member) ([]keys.Key, error) {
	ids := slices.Sorted(maps.Keys(m.LiveKeys))
	found, err := store.SeveralKeys(ctx, m.OrgID, ids)
	if err != nil {
		return nil, err
	}
	live := make([]keys.Key, len(ids))
	for i, id := range ids {
		k, there := found[id]
		if !there {
			return nil, ErrStale
		}
		live[i] = k
	}
	return live, nil
}
