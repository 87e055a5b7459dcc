package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// asKeyRead makes w happen only while the key is live and as k was read.
func asKeyRead(w write, k keys.Key) write {
	return w.when("revision = :was_revision AND attribute_not_exists(revoked_at)", values{"was_revision": k.Revision}).
		explained(func(old attributes) error {
			if old == nil || old["revoked_at"] != nil {
				return fault.ErrNotFound
			}
			return keys.ErrStale
		})
}

// asHeld makes w, a write of the holder's row, happen only while the holder is as k was
// read: of the key's generation, and of the role that the actor may touch the keys of.
func asHeld(w write, k keys.Held) write {
	return w.when("#keys = :generation AND #role = :holder_role", values{"generation": k.Generation, "holder_role": k.Role}).
		explained(func(old attributes) error {
			if old == nil || text(old, "keys") != k.Generation {
				return fault.ErrNotFound
			}
			return keys.ErrStale
		})
}

// replacedKept is how long a replaced secret is kept after it stopped, to be told from one
// that never was, and to be charged for events that come late: more than spend.MaxAge.
const replacedKept = 40 * 24 * time.Hour

// secrets is one change of the copies of a key that its secrets find: the present one's,
// and the one's before if any clock might still take it for good.
func secrets(k keys.Key, now time.Time, change string, v values) []write {
	writes := []write{changeSecret(k.Hash, change, v)}
	if now.Before(k.PreviousUntil.Add(replacedKept / 2)) {
		writes = append(writes, changeSecret(k.PreviousHash, change, v))
	}
	return writes
}

func changeSecret(hash, change string, v values) write {
	return update(secretKey(hash), change, v).when("attribute_exists(pk)", nil)
}

// replaceSecret lets an old secret end at until. One that ends now is revoked, so that no
// clock, however slow, takes it for good.
func replaceSecret(hash string, now, until time.Time) write {
	end := "grace_until"
	if !until.After(now) {
		end = "revoked_at"
	}
	return changeSecret(hash, "SET "+end+" = :until, #ttl = :ttl", values{"until": until, "ttl": until.Add(replacedKept).Unix()})
}

// RevokeKey ends a live key.
func (s *Store) RevokeKey(ctx context.Context, k keys.Held, e audit.Entry) error {
	t := tenant(k.OrgID)
	writes := append(t.actorStands(k.Key, e),
		asKeyRead(t.endKey(k.Key), k.Key),
		asHeld(update(t.member(k.UserID), "REMOVE live_keys.#key", nil).naming("key", k.ID), k),
		t.record(e),
	)
	return s.commit(ctx, append(writes, secrets(k.Key, k.RevokedAt, "SET revoked_at = :at", values{"at": k.RevokedAt})...)...)
}

// EditKey stores a key's name, limits and expiry.
func (s *Store) EditKey(ctx context.Context, k keys.Held, e audit.Entry) error {
	t := tenant(k.OrgID)
	change, edited := editKey(k.Key)
	writes := append(t.actorStands(k.Key, e),
		asKeyRead(update(t.virtualKey(k.ID), change, edited), k.Key),
		asHeld(require(t.member(k.UserID), "", nil), k),
		t.record(e),
	)
	return s.commit(ctx, append(writes, secrets(k.Key, e.At, change, edited)...)...)
}

func editKey(k keys.Key) (change string, v values) {
	change = "SET #name = :name, models = :models, requests_per_minute = :rpm, revision = :revision"
	v = values{"name": k.Name, "models": k.Models, "rpm": k.RequestsPerMinute, "revision": k.Revision + 1}
	if k.ExpiresAt.IsZero() {
		return change + " REMOVE expires_at", v
	}
	v["expires"] = k.ExpiresAt
	return change + ", expires_at = :expires", v
}

// RotateKey replaces a key's secret.
func (s *Store) RotateKey(ctx context.Context, before keys.Key, held keys.Held, e audit.Entry) error {
	t, after := tenant(before.OrgID), held.Key
	writes := append(t.actorStands(after, e),
		asKeyRead(update(t.virtualKey(after.ID),
			"SET #hash = :hash, #start = :start, #end = :end, rotated_at = :at, previous_hash = :previous, previous_until = :until, revision = :revision, ceiling = :ceiling",
			values{
				"hash": after.Hash, "start": after.Start, "end": after.End, "at": after.RotatedAt,
				"previous": after.PreviousHash, "until": after.PreviousUntil, "revision": after.Revision,
				"ceiling": after.Ceiling,
			}), before),
		insert(secretKey(after.Hash), after),
		replaceSecret(before.Hash, after.RotatedAt, after.PreviousUntil),
		asHeld(require(t.member(after.UserID), "", nil), held),
		t.record(e),
	)
	if after.RotatedAt.Before(before.PreviousUntil.Add(replacedKept / 2)) {
		writes = append(writes, replaceSecret(before.PreviousHash, after.RotatedAt, after.RotatedAt))
	}
	return s.commit(ctx, s.receipt(ctx, 0, held, writes...)...)
}
