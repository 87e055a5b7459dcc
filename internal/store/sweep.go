package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/outbox"
	"github.com/nemorouter/nemo-team/internal/sweep"
)

// duePage is how many due things are handed out at once: what is held in memory.
const duePage = 100

// EachDue hands out what one shard of byDue held as due at now, longest due first, some at
// a time. It may be stale: whatever is done about it has conditions of its own.
func (s *Store) EachDue(ctx context.Context, shard int, now time.Time, visit func([]sweep.Thing) error) error {
	in := &dynamodb.QueryInput{
		TableName: &s.table, IndexName: aws.String(byDue.name), Limit: aws.Int32(duePage),
		KeyConditionExpression:    aws.String("due_shard = :shard AND due_at <= :now"),
		ExpressionAttributeValues: values{"shard": shardName(shard), "now": now}.encode(),
	}
	for {
		out, err := s.db.Query(ctx, in)
		if err != nil {
			return asFault(err)
		}
		things, err := asThings(out.Items)
		if err != nil {
			return err
		}
		if err := visit(things); err != nil || out.LastEvaluatedKey == nil {
			return err
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

func asThings(items []attributes) ([]sweep.Thing, error) {
	things := make([]sweep.Thing, len(items))
	for i, item := range items {
		var row any
		switch sk := text(item, SortAttribute); {
		case sk == orgSK:
			things[i].Org = new(orgs.Org)
			row = things[i].Org
		case strings.HasPrefix(sk, noticePrefix) && text(item, "kind") == string(outbox.BudgetAlert):
			things[i].Alert = new(budgets.Alert)
			row = things[i].Alert
		case strings.HasPrefix(sk, budgetPrefix):
			things[i].Budget = new(budgets.Budget)
			row = things[i].Budget
		case strings.HasPrefix(sk, noticePrefix):
			things[i].News = new(members.News)
			row = things[i].News
		default:
			things[i].Invitation = new(invites.Invitation)
			row = things[i].Invitation
		}
		if err := decode(item, row); err != nil {
			return nil, err
		}
	}
	return things, nil
}

// ExpireInvitations turns due invitations of one org to expired, as many as fit in one
// transaction at a time. Those that left pending meanwhile are passed over.
func (s *Store) ExpireInvitations(ctx context.Context, due []invites.Expiry, now time.Time) (int, error) {
	expired := 0
	for len(due) > 0 {
		n := min(len(due), perExpiry)
		done, err := s.expireSome(ctx, due[:n], now)
		if err != nil {
			return expired, err
		}
		expired += done
		due = due[n:]
	}
	return expired, nil
}

// perExpiry is how many expiries fit into a transaction: each has an invitation, an
// address and an entry, and may be for a team of its own.
const perExpiry = maxActions / 4

func (s *Store) expireSome(ctx context.Context, some []invites.Expiry, now time.Time) (int, error) {
	for len(some) > 0 {
		refusals, err := s.transact(ctx, expiryWrites(some, now))
		if err != nil {
			return 0, err
		}
		if refusals == nil {
			return len(some), nil
		}
		some = stillDue(some, refusals)
	}
	return 0, nil
}

const writesPerExpiry = 3

// expiryWrites holds writesPerExpiry writes for each expiry, in order, then those of teams.
func expiryWrites(some []invites.Expiry, now time.Time) []write {
	t := tenant(some[0].Invitation.OrgID)
	perTeam := map[string]int{}
	var writes []write
	for _, x := range some {
		i := x.Invitation
		writes = append(writes,
			t.leave(i, invites.Expired).and("expires_at <= :now", values{"now": now}),
			t.freeAddress(i).otherwise(invites.ErrNotPending),
			t.record(x.Audit),
		)
		perTeam[i.TeamID]++
	}
	for team, n := range perTeam {
		writes = append(writes, t.seats(team, 0, -n, invites.ErrOrgGone))
	}
	return writes
}

// stillDue drops the expiries that were refused. If a team is gone its org is being
// purged, and nothing is left to expire.
func stillDue(some []invites.Expiry, refusals []error) []invites.Expiry {
	for _, refusal := range refusals[writesPerExpiry*len(some):] {
		if refusal != nil {
			return nil
		}
	}
	var left []invites.Expiry
	for i, x := range some {
		if refusals[writesPerExpiry*i] == nil && refusals[writesPerExpiry*i+1] == nil {
			left = append(left, x)
		}
	}
	return left
}
