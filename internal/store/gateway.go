package store

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
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
	wanted := make([]key, 0, 1+len(hashes))
	wanted = append(wanted, gatewayKey)
	for _, h := range hashes {
		wanted = append(wanted, secretKey(h))
	}
	rows, err := s.gatewayRows(ctx, keyWants, wanted)
	if err != nil {
		return t, nil, err
	}
	if tokens := rows[0]; tokens != nil {
		t = gateway.Tokens{Current: tokens.current, Previous: tokens.previous}
	}
	found = make([]*keys.Key, len(hashes))
	for i, row := range rows[1:] {
		if row != nil {
			found[i] = &row.secret
		}
	}
	return t, found, nil
}

// Standings returns the holders, orgs and budgets of keys, in one round trip. Where budgets
// can be is in the org's row; it is remembered, so that they can be read along with it the
// next time, and nothing is read where there are none.
func (s *Store) Standings(ctx context.Context, found []*keys.Key) ([]gateway.Standing, error) {
	wanted := make([]key, 0, 2*len(found))
	for _, k := range found {
		if k != nil {
			t := tenant(k.OrgID)
			wanted = append(wanted, t.member(k.UserID), t.org())
		}
	}
	known := s.homes.budgeted(found)
	expected := s.expectBudgets(ctx, found, known)
	rows, err := s.gatewayRows(ctx, standingWants, wanted)
	held, heldErr := expected()
	if err := errors.Join(err, heldErr); err != nil {
		return nil, err
	}
	standings := make([]gateway.Standing, len(found))
	var missed []*keys.Key
	for i, k := range found {
		if k == nil {
			continue
		}
		standings[i] = standing(rows[0], rows[1])
		standings[i].Budgets = held[i]
		if now := rows[1].budgeted(); !slices.Equal(now, known[i]) {
			s.homes.learnBudgeted(k.OrgID, now)
			if missed == nil {
				missed = make([]*keys.Key, len(found))
			}
			known[i], missed[i] = now, k
		}
		rows = rows[2:]
	}
	if missed == nil {
		return standings, nil
	}
	held, err = s.expectBudgets(ctx, missed, known)()
	for i, k := range missed {
		if k != nil {
			standings[i].Budgets = held[i]
		}
	}
	return standings, err
}

// expectBudgets begins to read the budgets of keys, of the scopes that their orgs are known
// to have. The function that it returns waits for them.
func (s *Store) expectBudgets(ctx context.Context, found []*keys.Key, known [][]budgets.Scope) (wait func() ([][]budgets.Budget, error)) {
	var wanted []key
	var whose []int
	for i, k := range found {
		if k == nil || len(known[i]) == 0 {
			continue
		}
		for _, at := range tenant(k.OrgID).budgetsOnPath(budgets.Path(k.OrgID, k.TeamID, k.UserID, k.ID), known[i]) {
			wanted, whose = append(wanted, at), append(whose, i)
		}
	}
	held := make([][]budgets.Budget, len(found))
	if len(wanted) == 0 {
		return func() ([][]budgets.Budget, error) { return held, nil }
	}
	var wg sync.WaitGroup
	var items []attributes
	var err error
	wg.Go(func() { items, err = s.getMany(ctx, wanted...) })
	return func() ([][]budgets.Budget, error) {
		if wg.Wait(); err != nil {
			return held, err
		}
		for n, item := range items {
			b, err := decodePresent[budgets.Budget](item)
			if err != nil {
				return held, err
			}
			if b != nil {
				held[whose[n]] = append(held[whose[n]], *b)
			}
		}
		return held, nil
	}
}

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

// CountRequest counts a request with the key in the minute of now: twice if the answer to the
// first try gets lost, for a limit errs on the side of refusing.
func (s *Store) CountRequest(ctx context.Context, keyID string, now time.Time, limit int) (within bool, err error) {
	errBeyond := errors.New("store: beyond the limit")
	err = s.apply(ctx, count(requestsKey(keyID, now), 1, limit, now.Add(2*time.Minute)).otherwise(errBeyond))
	if errors.Is(err, errBeyond) {
		return false, nil
	}
	return err == nil, err
}
