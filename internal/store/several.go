package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/teams"
)

// SeveralMembers returns those of the users who are members, by id, in one round trip.
func (s *Store) SeveralMembers(ctx context.Context, orgID string, userIDs []string) (map[string]members.Member, error) {
	return several[members.Member](ctx, s, userIDs, tenant(orgID).member)
}

// SeveralKeys returns those of up to 100 keys that there are, by id, in one round trip.
func (s *Store) SeveralKeys(ctx context.Context, orgID string, ids []string) (map[string]keys.Key, error) {
	return several[keys.Key](ctx, s, ids, tenant(orgID).virtualKey)
}

// SeveralTeams returns those of the teams that there are, by id, in one round trip.
func (s *Store) SeveralTeams(ctx context.Context, orgID string, ids []string) (map[string]teams.Team, error) {
	return several[teams.Team](ctx, s, ids, tenant(orgID).team)
}

// SeveralBudgets returns those of the budgets that there are, in one round trip for each
// hundred.
func (s *Store) SeveralBudgets(ctx context.Context, orgID string, of []budgets.Ref) (map[budgets.Ref]budgets.Budget, error) {
	return several[budgets.Budget](ctx, s, of, tenant(orgID).budget)
}

// OrgsByID returns those of up to 100 orgs that there are, in one round trip.
func (s *Store) OrgsByID(ctx context.Context, ids []string) (map[string]orgs.Org, error) {
	return several[orgs.Org](ctx, s, ids, func(id string) key { return tenant(id).org() })
}

func several[T any, ID comparable](ctx context.Context, s *Store, ids []ID, at func(ID) key) (map[ID]T, error) {
	found := map[ID]T{}
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
