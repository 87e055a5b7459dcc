package store

import (
	"context"
	"errors"
	"time"

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

// Standings returns the holders and orgs of keys, in one round trip.
func (s *Store) Standings(ctx context.Context, found []*keys.Key) ([]gateway.Standing, error) {
	wanted := make([]key, 0, 2*len(found))
	for _, k := range found {
		if k != nil {
			t := tenant(k.OrgID)
			wanted = append(wanted, t.member(k.UserID), t.org())
		}
	}
	rows, err := s.gatewayRows(ctx, standingWants, wanted)
	if err != nil {
		return nil, err
	}
	standings := make([]gateway.Standing, len(found))
	for i, k := range found {
		if k != nil {
			standings[i] = standing(rows[0], rows[1])
			rows = rows[2:]
		}
	}
	return standings, nil
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
