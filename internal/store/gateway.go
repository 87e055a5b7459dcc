package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

// GatewayTokens returns the hashes of the gateway's tokens; zero when there are none.
func (s *Store) GatewayTokens(ctx context.Context) (t gateway.Tokens, err error) {
	_, err = s.get(ctx, gatewayKey, &t)
	return t, err
}

// RotateGatewayTokens replaces before by after.
func (s *Store) RotateGatewayTokens(ctx context.Context, before, after gateway.Tokens) error {
	return s.commit(ctx, put(gatewayKey, after).
		when("attribute_not_exists(pk) OR #current = :before", values{"before": before.Current}).
		otherwise(fault.ErrUnavailable))
}

// KeysByHash returns the gateway's tokens and the keys with the hashes, in one round trip.
func (s *Store) KeysByHash(ctx context.Context, hashes []string) (t gateway.Tokens, found []*keys.Key, err error) {
	wanted := []key{gatewayKey}
	for _, h := range hashes {
		wanted = append(wanted, secretKey(h))
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return t, nil, err
	}
	if err := decode(items[0], &t); err != nil {
		return t, nil, err
	}
	found = make([]*keys.Key, len(hashes))
	for i := range hashes {
		if found[i], err = decodePresent[keys.Key](items[i+1]); err != nil {
			return t, nil, err
		}
	}
	return t, found, nil
}

// Subjects adds the holders, orgs and budgets of keys, in one round trip. Where budgets can
// be is in the org's row; it is remembered, so that they can be read along with it the next
// time, and nothing is read where there are none.
func (s *Store) Subjects(ctx context.Context, found []*keys.Key) ([]gateway.Subject, error) {
	known := s.homes.budgeted(found)
	var wanted []key
	for i, k := range found {
		if k != nil {
			t := tenant(k.OrgID)
			wanted = append(append(wanted, t.member(k.UserID), t.org()), t.budgetsOnPath(pathOf(k), known[i])...)
		}
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	subjects, missed := make([]gateway.Subject, len(found)), []int(nil)
	for i, k := range found {
		if k == nil {
			continue
		}
		member, err1 := decodePresent[members.Member](items[0])
		org, err2 := decodePresent[orgs.Org](items[1])
		subjects[i] = gateway.Subject{Key: k, Member: member, Org: org}
		now, n := budgeted(items[1]), len(tenant(k.OrgID).budgetsOnPath(pathOf(k), known[i]))
		subjects[i].Budgets, err = decodeBudgets(items[2 : 2+n])
		if err := errors.Join(err1, err2, err); err != nil {
			return nil, err
		}
		items = items[2+n:]
		if !slices.Equal(now, known[i]) {
			s.homes.learnBudgeted(k.OrgID, now)
			known[i] = now
			missed = append(missed, i)
		}
	}
	return subjects, s.missedBudgets(ctx, subjects, missed, known)
}

// missedBudgets reads the budgets of subjects whose orgs turned out to have other scopes of
// budgets than was known.
func (s *Store) missedBudgets(ctx context.Context, subjects []gateway.Subject, missed []int, known [][]budgets.Scope) error {
	var wanted []key
	for _, i := range missed {
		k := subjects[i].Key
		wanted = append(wanted, tenant(k.OrgID).budgetsOnPath(pathOf(k), known[i])...)
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return err
	}
	for _, i := range missed {
		k := subjects[i].Key
		n := len(tenant(k.OrgID).budgetsOnPath(pathOf(k), known[i]))
		if subjects[i].Budgets, err = decodeBudgets(items[:n]); err != nil {
			return err
		}
		items = items[n:]
	}
	return nil
}

func pathOf(k *keys.Key) []budgets.Ref { return budgets.Path(k.OrgID, k.TeamID, k.UserID, k.ID) }

func decodeBudgets(items []attributes) (found []budgets.Budget, err error) {
	for _, item := range items {
		b, err := decodePresent[budgets.Budget](item)
		if err != nil {
			return nil, err
		}
		if b != nil {
			found = append(found, *b)
		}
	}
	return found, nil
}

// decodePresent returns an item as a T, or nil when there is none.
func decodePresent[T any](item attributes) (*T, error) {
	if item == nil {
		return nil, nil
	}
	row, err := decodeAs[T](item)
	return &row, err
}

// CountRequest counts a request with the key in the minute of now.
func (s *Store) CountRequest(ctx context.Context, keyID string, now time.Time, limit int) (within bool, err error) {
	errBeyond := errors.New("store: beyond the limit")
	err = s.apply(ctx, count(requestsKey(keyID, now), 1, limit, now.Add(2*time.Minute)).otherwise(errBeyond))
	if errors.Is(err, errBeyond) {
		return false, nil
	}
	return err == nil, err
}
