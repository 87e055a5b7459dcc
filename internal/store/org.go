package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

// orgRow is an org as stored.
type orgRow struct {
	orgs.Org
	dueRow
}

// dueRow puts an item into byDue.
type dueRow struct {
	DueShard string    `json:"due_shard,omitempty"`
	DueAt    time.Time `json:"due_at,omitempty"`
}

// DueShards is over how many groups of byDue things spread.
const DueShards = 16

// dueShard spreads things by their ids, so that no partition of byDue takes all writes.
func dueShard(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id))
	return shardName(int(h.Sum32() % DueShards))
}

func shardName(n int) string { return fmt.Sprintf("DUE#%d", n) }

// Org returns an org, deleted ones too, or fault.ErrNotFound.
func (s *Store) Org(ctx context.Context, id string) (orgs.Org, error) {
	return fetch[orgs.Org](ctx, s, tenant(id).org(), fault.ErrNotFound)
}

// Slug returns the slug of an org, or fault.ErrNotFound.
func (s *Store) Slug(ctx context.Context, orgID string) (string, error) {
	o, err := s.Org(ctx, orgID)
	return o.Slug, err
}

// OrgBySlug returns the id of the org with the slug, or fault.ErrNotFound.
func (s *Store) OrgBySlug(ctx context.Context, slug string) (string, error) {
	row, err := fetch[slugRow](ctx, s, slugKey(slug), fault.ErrNotFound)
	return row.OrgID, err
}

type slugRow struct {
	OrgID string `json:"org_id"`
}

// Standing returns a member and their org, in one round trip, or fault.ErrNotFound when
// one is missing.
func (s *Store) Standing(ctx context.Context, orgID, userID string) (m members.Member, o orgs.Org, err error) {
	t := tenant(orgID)
	items, err := s.getMany(ctx, t.member(userID), t.org())
	if err != nil {
		return m, o, err
	}
	return m, o, decodeAll(items, &m, &o)
}

// decodeAll fills one row from each item, or returns fault.ErrNotFound when one is missing.
func decodeAll(items []attributes, rows ...any) error {
	for i, row := range rows {
		if items[i] == nil {
			return fault.ErrNotFound
		}
		if err := decode(items[i], row); err != nil {
			return err
		}
	}
	return nil
}

func insertSlug(slug, orgID string) write {
	return insert(slugKey(slug), slugRow{orgID}).otherwise(orgs.ErrSlugTaken)
}

func removeSlug(slug, orgID string) write {
	return remove(slugKey(slug)).when("org_id = :org", values{"org": orgID}).otherwise(orgs.ErrChangedMeanwhile)
}

// UpdateOrg renames an org and moves its slug.
func (s *Store) UpdateOrg(ctx context.Context, before, after orgs.Org, e audit.Entry) error {
	t := tenant(before.ID)
	writes := []write{
		update(t.org(), "SET #name = :name, slug = :slug", values{"name": after.Name, "slug": after.Slug}).
			when("#name = :was_name AND slug = :was_slug AND attribute_not_exists(deleted_at)",
				values{"was_name": before.Name, "was_slug": before.Slug}).
			otherwise(orgs.ErrChangedMeanwhile),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	}
	if before.Slug != after.Slug {
		writes = append(writes, insertSlug(after.Slug, after.ID), removeSlug(before.Slug, before.ID))
	}
	return s.commit(ctx, writes...)
}

// purgeDelay lets requests that began before the deletion end before the purge begins.
const purgeDelay = time.Minute

// DeleteOrg marks the org as deleted and due for the purge. Slug and owner must be as read.
func (s *Store) DeleteOrg(ctx context.Context, o orgs.Org, e audit.Entry) error {
	t := tenant(o.ID)
	return s.commit(ctx,
		update(t.org(), "SET deleted_at = :now, due_shard = :shard, due_at = :due", values{
			"now": o.DeletedAt, "shard": dueShard(o.ID), "due": o.DeletedAt.Add(purgeDelay),
		}).
			when("slug = :slug AND owner_id = :owner AND attribute_not_exists(deleted_at)", values{"slug": o.Slug, "owner": e.Actor.UserID}).
			otherwise(orgs.ErrChangedMeanwhile),
		t.record(e),
	)
}
