package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/page"
)

// keyRow is a key's record as stored: what lists show.
type keyRow struct {
	keys.Key
	inTeam
	ofKind
	ofUser
}

// Holder returns what of a membership a key is bound to, or fault.ErrNotFound.
func (s *Store) Holder(ctx context.Context, orgID, userID string) (keys.Holder, error) {
	m, err := s.Member(ctx, orgID, userID)
	return keys.Holder{UserID: m.UserID, Email: m.Email, TeamID: m.TeamID, Role: m.Role, Generation: m.Keys}, err
}

// Key returns a key's record, or fault.ErrNotFound.
func (s *Store) Key(ctx context.Context, orgID, id string) (keys.Key, error) {
	return fetch[keys.Key](ctx, s, tenant(orgID).virtualKey(id), fault.ErrNotFound)
}

// KeyByHash returns the key whose secret has the hash, or fault.ErrNotFound. It is the copy
// that authentication reads: written with the record, in the same transactions.
func (s *Store) KeyByHash(ctx context.Context, hash string) (keys.Key, error) {
	return fetch[keys.Key](ctx, s, secretKey(hash), fault.ErrNotFound)
}

// CreateKey stores a key and counts it among its holder's live ones.
func (s *Store) CreateKey(ctx context.Context, held keys.Held, h keys.Holder, e audit.Entry) error {
	k, t := held.Key, tenant(held.OrgID)
	writes := append(t.actorStands(k, e),
		insert(t.virtualKey(k.ID), keyRow{
			Key:    k,
			inTeam: inTeam{t.group(keyGroup, "TEAM", k.TeamID), k.ID},
			ofKind: ofKind{t.group(keyGroup, string(keys.Live)), k.ID},
			ofUser: ofUser{t.group(keyGroup, k.UserID), k.ID},
		}),
		insert(secretKey(k.Hash), k),
		insert(keyIDKey(k.ID), keyIDRow{k.OrgID}),
		update(t.member(k.UserID), "SET live_keys.#key = :live", values{"live": true}).naming("key", k.ID).
			when("#keys = :generation AND #role = :role AND size(live_keys) < :max",
				values{"generation": h.Generation, "role": h.Role, "max": keys.MaxLive}).
			explained(whyNoKey),
		t.record(e),
	)
	return s.commit(ctx, s.receipt(ctx, 0, held, writes...)...)
}

// actorStands checks that an actor who is not the key's holder still has the role that the
// request was allowed for. What is written about the holder checks the holder.
func (t tenant) actorStands(k keys.Key, e audit.Entry) []write {
	if e.Actor.UserID == k.UserID {
		return nil
	}
	return []write{t.stands(e.Actor.UserID, e.Actor.Role)}
}

func whyNoKey(old attributes) error {
	if old == nil {
		return fault.ErrNotFound
	}
	holder, err := decodeAs[members.Member](old)
	switch {
	case err != nil:
		return err
	case len(holder.LiveKeys) >= keys.MaxLive:
		return keys.ErrLimitReached
	default:
		return authz.ErrRoleChanged.Saying("The holder's role changed at the same time. Look again, then repeat.")
	}
}

// Keys returns keys, newest first.
func (s *Store) Keys(ctx context.Context, orgID string, f keys.Filter, p page.Request) (page.Of[keys.Key], error) {
	return list(ctx, s, p, []listing{keyListing(tenant(orgID), f)}, decodeAs[keys.Key])
}

// keyListing reads through the index of the narrowest filter, and drops what the others
// exclude.
func keyListing(t tenant, f keys.Filter) listing {
	l := t.all(keyPrefix)
	switch {
	case f.UserID != "":
		l = t.indexed(byUser, t.group(keyGroup, f.UserID))
	case f.TeamID != "":
		l = t.indexed(byTeam, t.group(keyGroup, "TEAM", f.TeamID))
	case f.State != "":
		l = t.indexed(byKind, t.group(keyGroup, string(f.State)))
	}
	l.newest = true
	if f.TeamID != "" && l.index != byTeam {
		l.drop("team_id = :team", "team", f.TeamID)
	}
	if f.State != "" && l.index != byKind {
		l.drop("kind_key = :state", "state", t.group(keyGroup, string(f.State)))
	}
	return l
}
