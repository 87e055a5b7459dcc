package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/teams"
)

// SeveralMembers returns those of the users who are members, by id, in one round trip.
func (s *Store) SeveralMembers(ctx context.Context, orgID string, userIDs []string) (map[string]members.Member, error) {
	return several[members.Member](ctx, s, userIDs, tenant(orgID).member)
}

// SeveralTeams returns those of the teams that there are, by id, in one round trip.
func (s *Store) SeveralTeams(ctx context.Context, orgID string, ids []string) (map[string]teams.Team, error) {
	return several[teams.Team](ctx, s, ids, tenant(orgID).team)
}

func several[T any](ctx context.Context, s *Store, ids []string, at func(id string) key) (map[string]T, error) {
	found := map[string]T{}
	if len(ids) == 0 {
		return found, nil
	}
	keys := make([]key, len(ids))
	for i, id := range ids {
		keys[i] = at(id)
	}
	items, err := s.getMany(ctx, keys...)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if item == nil {
			continue
		}
		if found[ids[i]], err = decodeAs[T](item); err != nil {
			return nil, err
		}
	}
	return found, nil
}
