package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
)

// ChangeMember applies a change of role, and revokes the member's keys if it says so.
func (s *Store) ChangeMember(ctx context.Context, c members.Change) error {
	t := tenant(c.Before.OrgID)
	v := t.roleValues(c.Before, c.After.Role)
	v["keys"], v["live"] = c.After.Keys, c.After.LiveKeys
	writes := []write{asRead(update(t.member(c.Before.UserID), giveRole+", #keys = :keys, live_keys = :live", v), c.Before)}
	writes = append(writes, t.consequences(c)...)
	return s.commit(ctx, writes...)
}

// RemoveMember ends a membership: the seat, the claim, the address and the keys.
func (s *Store) RemoveMember(ctx context.Context, c members.Change) error {
	t, m := tenant(c.Before.OrgID), c.Before
	writes := []write{
		asRead(remove(t.member(m.UserID)), m),
		t.release(m.Email).otherwise(fault.ErrNotFound), // their org is deleted, and they are in another
		remove(t.address(m.Email)).when("id = :user", values{"user": m.UserID}),
		t.seats(m.TeamID, -1, 0, fault.ErrInternal),
		t.bury(m.UserID, m.Name, m.Email, c.Audit[0].At),
	}
	writes = append(writes, t.consequences(c)...)
	return s.commit(ctx, writes...)
}

// consequences are what changes and removals have in common: the actor's standing, the end
// of the keys, the record, the news.
func (t tenant) consequences(c members.Change) []write {
	var writes []write
	if c.ActorID != c.Before.UserID {
		writes = append(writes, t.stands(c.ActorID, c.ActorRole))
	}
	for _, k := range c.Ended { // they died with their generation; the record names them
		writes = append(writes, t.endKey(k).when("#name = :was_name", values{"was_name": k.Name}).otherwise(members.ErrStale))
	}
	for _, e := range c.Audit {
		writes = append(writes, t.record(e))
	}
	return append(writes, t.tell(c.News)...)
}

// stands checks that the actor still has the role that the request was allowed for. What it
// guards, admins may do too: who went from owner to admin, or back, need only ask again.
func (t tenant) stands(userID string, role authz.Role) write {
	return require(t.member(userID), "#role = :actor_role", values{"actor_role": role}).explained(func(old attributes) error {
		if authz.Role(text(old, "role")).Has(authz.MembersManage) {
			return authz.ErrRoleChanged
		}
		return authz.ErrForbidden
	})
}

// asRead makes w happen only if the member is as m was read, in all that matters.
func asRead(w write, m members.Member) write {
	return w.when("#role = :was_role AND #keys = :was_keys AND live_keys = :was_live", values{
		"was_role": m.Role, "was_keys": m.Keys, "was_live": m.LiveKeys,
	}).explained(func(old attributes) error { return goneOr(old, members.ErrStale) })
}

// endKey marks a key's record as revoked.
func (t tenant) endKey(k keys.Key) write {
	return update(t.virtualKey(k.ID), "SET revoked_at = :at, kind_key = :revoked", values{
		"at": k.RevokedAt, "revoked": t.group(keyGroup, string(keys.Revoked)),
	})
}

// RenameMember stores the name of a member and of their user.
func (s *Store) RenameMember(ctx context.Context, before, after members.Member, e audit.Entry) error {
	t, index := tenant(after.OrgID), tenant(after.OrgID).named(after.Name, after.Email)
	rename := update(t.member(after.UserID), "SET #name = :name, name_key = :key, name_sort = :sort",
		values{"name": after.Name, "key": index.NameKey, "sort": index.NameSort})
	if before.Name == "" {
		rename = rename.when("attribute_exists(pk) AND attribute_not_exists(#name)", nil)
	} else {
		rename = rename.when("#name = :was", values{"was": before.Name})
	}
	return s.commit(ctx,
		rename.explained(func(old attributes) error { return goneOr(old, members.ErrStale) }),
		update(userKey(after.Email), "SET #name = :name", values{"name": after.Name}).when("attribute_exists(pk)", nil),
		t.record(e),
	)
}

// MarkSeen notes when a member was in their browser, unless they are one no longer.
func (s *Store) MarkSeen(ctx context.Context, orgID, userID string, at time.Time) error {
	return s.apply(ctx, update(tenant(orgID).member(userID), "SET seen_at = :at", values{"at": at}).
		when("attribute_exists(pk)", nil).otherwise(nil))
}

// TransferOwnership makes To the owner and From an admin, in org and members at once.
func (s *Store) TransferOwnership(ctx context.Context, tr members.Transfer) error {
	t := tenant(tr.From.OrgID)
	writes := []write{
		update(t.org(), "SET owner_id = :to", values{"to": tr.To.UserID}).
			when("owner_id = :from AND attribute_not_exists(deleted_at)", values{"from": tr.From.UserID}).
			otherwise(members.ErrStale),
		asRead(update(t.member(tr.From.UserID), giveRole, t.roleValues(tr.From, authz.Admin)), tr.From),
		asRead(update(t.member(tr.To.UserID), giveRole, t.roleValues(tr.To, authz.Owner)), tr.To),
		t.record(tr.Audit),
	}
	return s.commit(ctx, append(writes, t.tell(tr.News)...)...)
}
