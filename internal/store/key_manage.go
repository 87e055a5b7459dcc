package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// asHashed makes w happen only while the key is live and has the secret that k was read with.
func asHashed(w write, k keys.Key) write {
	return w.when("#hash = :was_hash AND attribute_not_exists(revoked_at)", values{"was_hash": k.Hash}).
		explained(func(old attributes) error {
			if old == nil || old["revoked_at"] != nil {
				return fault.ErrNotFound
			}
			return keys.ErrStale
		})
}

// secrets is one change of all copies of a key that its secrets find: the present one's and
// the one's before.
func secrets(k keys.Key, change string, v values) []write {
	writes := []write{update(secretKey(k.Hash), change, v).when("attribute_exists(pk)", nil)}
	if k.PreviousHash != "" {
		writes = append(writes, update(secretKey(k.PreviousHash), change, v).when("attribute_exists(pk)", nil))
	}
	return writes
}

// holds checks that the key's holder still has the generation of keys that it is of.
func (t tenant) holds(k keys.Key) (string, values) {
	return "#keys = :generation", values{"generation": k.Generation}
}

// RevokeKey ends a live key.
func (s *Store) RevokeKey(ctx context.Context, k keys.Key, e audit.Entry) error {
	t := tenant(k.OrgID)
	condition, v := t.holds(k)
	writes := []write{
		asHashed(t.endKey(k.ID, k.RevokedAt), k),
		update(t.member(k.UserID), "REMOVE live_keys.#key", nil).naming("key", k.ID).when(condition, v).otherwise(fault.ErrNotFound),
		t.record(e),
	}
	return s.commit(ctx, append(writes, secrets(k, "SET revoked_at = :at", values{"at": k.RevokedAt})...)...)
}

// EditKey stores a key's name, limits and expiry.
func (s *Store) EditKey(ctx context.Context, k keys.Held, e audit.Entry) error {
	t := tenant(k.OrgID)
	condition, v := t.holds(k.Key)
	change, edited := editKey(k.Key)
	writes := []write{
		asHashed(update(t.virtualKey(k.ID), change, edited), k.Key),
		update(t.member(k.UserID), "SET live_keys.#key = :name", values{"name": k.Name}).naming("key", k.ID).
			when(condition, v).otherwise(fault.ErrNotFound),
		t.record(e),
	}
	return s.commit(ctx, append(writes, secrets(k.Key, change, edited)...)...)
}

func editKey(k keys.Key) (change string, v values) {
	change = "SET #name = :name, models = :models, requests_per_minute = :rpm"
	v = values{"name": k.Name, "models": k.Models, "rpm": k.RequestsPerMinute}
	if k.ExpiresAt.IsZero() {
		return change + " REMOVE expires_at", v
	}
	v["expires"] = k.ExpiresAt
	return change + ", expires_at = :expires", v
}

// RotateKey replaces a key's secret.
func (s *Store) RotateKey(ctx context.Context, before keys.Key, held keys.Held, e audit.Entry) error {
	t, after := tenant(before.OrgID), held.Key
	condition, v := t.holds(before)
	writes := []write{
		asHashed(update(t.virtualKey(after.ID),
			"SET #hash = :hash, #start = :start, #end = :end, rotated_at = :at, previous_hash = :previous, previous_until = :until",
			values{
				"hash": after.Hash, "start": after.Start, "end": after.End, "at": after.RotatedAt,
				"previous": after.PreviousHash, "until": after.PreviousUntil,
			}), before),
		insert(secretKey(after.Hash), after),
		update(secretKey(before.Hash), "SET grace_until = :until", values{"until": after.PreviousUntil}).when("attribute_exists(pk)", nil),
		require(t.member(after.UserID), condition, v).otherwise(fault.ErrNotFound),
		t.record(e),
	}
	if before.PreviousHash != "" {
		writes = append(writes, update(secretKey(before.PreviousHash), "SET grace_until = :now", values{"now": after.RotatedAt}).
			when("attribute_exists(pk)", nil))
	}
	return s.commit(ctx, s.receipt(ctx, 0, held, writes...)...)
}
