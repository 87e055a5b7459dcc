package store

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// purgeStep is how many items one step removes; each takes at most four actions.
const purgeStep = maxActions / 4

// PurgeStep removes some items of a deleted org, in the order of their sort keys: all
// invitations before the first member, so that nobody can get in behind the purge. What
// leads here from elsewhere goes first: a member's claim, a key's secret. Then go the sums
// of spend, which name people and keys. The org's own item and its audit entries stay, and
// the events, which name nobody, until their time is over.
func (s *Store) PurgeStep(ctx context.Context, o orgs.Org) (more bool, err error) {
	if more, err = s.purgeTenant(ctx, o.ID); more || err != nil {
		return more, err
	}
	t := tenant(o.ID)
	for month := firstMonth(o); month.Before(o.DeletedAt.Add(spend.MaxAhead)); month = month.AddDate(0, 1, 0) {
		if more, err = s.purgeSums(ctx, t.spend(month.Format("2006-01"), "").PK); more || err != nil {
			return more, err
		}
	}
	return false, s.commit(ctx, remove(t.closed()))
}

// purgeSums removes some sums of a month.
func (s *Store) purgeSums(ctx context.Context, partition string) (more bool, err error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(maxActions),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: values{"pk": partition}.encode(),
		ProjectionExpression: aws.String("pk, sk"),
	})
	if err != nil || len(out.Items) == 0 {
		return false, asFault(err)
	}
	var writes []write
	for _, item := range out.Items {
		writes = append(writes, remove(keyOf(item)))
	}
	return true, s.commit(ctx, writes...)
}

// purgeTenant removes some items of the org's partition, and what leads to them.
func (s *Store) purgeTenant(ctx context.Context, orgID string) (more bool, err error) {
	t := tenant(orgID)
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(purgeStep),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: values{"pk": t.org().PK}.encode(),
	})
	if err != nil {
		return false, asFault(err)
	}
	var writes []write
	for _, item := range out.Items {
		removes, err := s.purge(ctx, t, item)
		if err != nil {
			return false, err
		}
		writes = append(writes, removes...)
	}
	if len(writes) == 0 {
		return out.LastEvaluatedKey != nil, nil
	}
	return true, s.commit(ctx, writes...)
}

// purge returns what removes an item and, with it, what only it leads to.
func (s *Store) purge(ctx context.Context, t tenant, item attributes) ([]write, error) {
	k := keyOf(item)
	switch {
	case k == t.org():
		return nil, nil
	case strings.HasPrefix(k.SK, memberPrefix):
		// The claim goes before the member who leads to it. It may be another org's by now.
		return []write{remove(k)}, s.apply(ctx, t.release(text(item, "email")).otherwise(nil))
	case strings.HasPrefix(k.SK, keyPrefix):
		virtual, err := decodeAs[keys.Key](item)
		removes := []write{remove(k), remove(secretKey(virtual.Hash)), remove(keyIDKey(virtual.ID))}
		if virtual.PreviousHash != "" {
			removes = append(removes, remove(secretKey(virtual.PreviousHash)))
		}
		return removes, err
	default:
		return []write{remove(k)}, nil
	}
}

// FinishPurge leaves the org's item as a tombstone and frees its slug.
func (s *Store) FinishPurge(ctx context.Context, o orgs.Org, e audit.Entry) error {
	t := tenant(o.ID)
	errFinished := errors.New("store: the purge is finished already")
	err := s.commit(ctx,
		update(t.org(), "SET purged_at = :at REMOVE due_shard, due_at", values{"at": e.At}).
			when("attribute_exists(deleted_at) AND attribute_not_exists(purged_at)", nil).
			otherwise(errFinished),
		removeSlug(o.Slug, o.ID),
		t.record(e),
	)
	if errors.Is(err, errFinished) {
		return nil
	}
	return err
}
