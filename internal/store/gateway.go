package store

import (
	"context"
	"errors"
	"time"

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

// Subjects adds the holders and orgs of keys, in one round trip.
func (s *Store) Subjects(ctx context.Context, found []*keys.Key) ([]gateway.Subject, error) {
	var wanted []key
	for _, k := range found {
		if k != nil {
			t := tenant(k.OrgID)
			wanted = append(wanted, t.member(k.UserID), t.org())
		}
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	subjects := make([]gateway.Subject, len(found))
	for i, k := range found {
		if k == nil {
			continue
		}
		member, err1 := decodePresent[members.Member](items[0])
		org, err2 := decodePresent[orgs.Org](items[1])
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		subjects[i] = gateway.Subject{Key: k, Member: member, Org: org}
		items = items[2:]
	}
	return subjects, nil
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
