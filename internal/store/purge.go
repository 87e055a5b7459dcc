package store

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

// purgeStep is how many items one step removes; each takes at most three actions.
const purgeStep = maxActions / 3

// PurgeStep removes some items of a deleted org, in the order of their sort keys: all
// invitations before the first member, so that nobody can get in behind the purge. What
// leads here from elsewhere goes in the same transaction: a member's claim, a key's secret.
// The org's own item and its audit entries stay.
func (s *Store) PurgeStep(ctx context.Context, orgID string) (more bool, err error) {
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
		more, err := t.purge(item)
		if err != nil {
			return false, err
		}
		writes = append(writes, more...)
	}
	if len(writes) == 0 {
		return out.LastEvaluatedKey != nil, nil
	}
	return true, s.commit(ctx, writes...)
}

// purge removes one item and what belongs to it.
func (t tenant) purge(item attributes) ([]write, error) {
	k := keyOf(item)
	switch {
	case k == t.org():
		return nil, nil
	case strings.HasPrefix(k.SK, memberPrefix):
		m, err := decodeAs[members.Member](item)
		// A claim of another org is not ours to take; ours is gone if a twin was here.
		release := t.release(m.Email).when("attribute_not_exists(org_id) OR org_id = :org", nil)
		return []write{remove(k), release}, err
	case strings.HasPrefix(k.SK, keyPrefix):
		virtual, err := decodeAs[keys.Key](item)
		return []write{remove(k), remove(secretKey(virtual.Hash)), remove(keyIDKey(virtual.ID))}, err
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
