package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// newsRow is news of a membership as stored. Like every notice, it is in byDue until all
// were told.
type newsRow struct {
	members.News
	DueShard string `json:"due_shard"`
}

// tell stores news in the transaction of what it tells of; no news is nothing to store.
func (t tenant) tell(n *members.News) []write {
	if n == nil {
		return nil
	}
	return []write{insert(t.notice(n.ID), newsRow{*n, dueShard(n.ID)})}
}

// ClaimNotice takes a due notice for one sweep.
func (s *Store) ClaimNotice(ctx context.Context, before, after outbox.Notice) error {
	return s.apply(ctx, update(tenant(after.OrgID).notice(after.ID), "SET attempts = :attempts, due_at = :due",
		values{"attempts": after.Attempts, "due": after.DueAt}).
		when("attempts = :was_attempts AND due_at = :was_due", values{"was_attempts": before.Attempts, "was_due": before.DueAt}).
		otherwise(outbox.ErrTaken))
}

// SaveTold notes who has been told.
func (s *Store) SaveTold(ctx context.Context, n outbox.Notice) error {
	return s.apply(ctx, update(tenant(n.OrgID).notice(n.ID), "SET told = :told", values{"told": n.Told}).
		when("attribute_exists(pk)", nil).otherwise(nil))
}

// FinishNotice removes a notice.
func (s *Store) FinishNotice(ctx context.Context, n outbox.Notice) error {
	_, err := s.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: tenant(n.OrgID).notice(n.ID).attributes(),
	})
	return asFault(err)
}
