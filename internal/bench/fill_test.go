package bench_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
)

// item is one as it lies in the table.
type item = map[string]types.AttributeValue

// fill makes an org large: n members, each with a key, n invitations, n entries in the
// record, up to 1,000 teams and up to 10,000 keys that have spent. It copies rows that the
// program wrote, so that they have the shape that the program reads, and leaves out those
// that no list and no operation on somebody else reads: users, addresses and secrets.
func fill(t testing.TB, s *stage, n int) {
	t.Helper()
	const mostTeams, mostSpending = 1000, 10_000
	bob := s.hire("member")
	bob.Do("PATCH", "/v1/me", apitest.Map{"name": "Bob 0000000"}).Want(200)
	member := s.row("ORG#"+s.Owner.OrgID, "MEMBER#"+bob.ID)
	secret, keyID := bob.NewKey()
	_, invitation := s.invited()
	team := s.team()
	s.Gateway().Do("POST", "/v1/spend/events", s.events(1, secret)).Want(200)
	spending := s.rowsOf("SPEND#"+s.Owner.OrgID+"#"+s.Clock.Now().Format("2006-01"), "KEY#"+keyID)[0]
	entry := s.rowsOf("AUDIT#"+s.Owner.OrgID, "")[0]

	add := s.writer(t, 8)
	for i := range n {
		user, fresh := s.id(), []string{"Bob 0000000", fmt.Sprintf("Bob %07d", i), bob.Email, fmt.Sprintf("bob.%07d@example.com", i)}
		add(copied(member, append(fresh, bob.ID, user)...))
		add(copied(s.row("ORG#"+s.Owner.OrgID, "KEY#"+keyID), append(fresh, bob.ID, user, keyID, s.id())...))
		add(copied(s.row("ORG#"+s.Owner.OrgID, "INVITE#"+invitation), invitation, s.id()))
		add(copied(entry, textOf(entry, "id"), s.id()))
		if i < mostTeams-3 {
			add(copied(s.row("ORG#"+s.Owner.OrgID, "TEAM#"+team), team, s.id()))
		}
		if i < mostSpending {
			add(copied(spending, append(fresh, bob.ID, user, keyID, s.id())...))
		}
	}
	add(nil)
}

func (s *stage) id() string { return ident.New(s.Clock.Now()) }

// copied is an item with other texts in it: each that is named first becomes the next.
func copied(of item, texts ...string) item {
	change, c := strings.NewReplacer(texts...), make(item, len(of))
	for name, v := range of {
		c[name] = changed(v, change)
	}
	return c
}

func changed(v types.AttributeValue, change *strings.Replacer) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: change.Replace(v.Value)}
	case *types.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: copiedWith(v.Value, change)}
	default:
		return v
	}
}

func copiedWith(of item, change *strings.Replacer) item {
	c := make(item, len(of))
	for name, v := range of {
		c[change.Replace(name)] = changed(v, change)
	}
	return c
}

func textOf(i item, name string) string { return i[name].(*types.AttributeValueMemberS).Value }

// row is one that there is; it is read once.
func (s *stage) row(pk, sk string) item {
	if s.rows == nil {
		s.rows = map[string]item{}
	}
	if s.rows[pk+sk] == nil {
		s.rows[pk+sk] = s.rowsOf(pk, sk)[0]
	}
	return s.rows[pk+sk]
}

// rowsOf are those of a partition whose sort keys begin so.
func (s *stage) rowsOf(pk, prefix string) []item {
	s.Helper()
	condition := "pk = :pk"
	v := item{":pk": &types.AttributeValueMemberS{Value: pk}}
	if prefix != "" {
		condition += " AND begins_with(sk, :sk)"
		v[":sk"] = &types.AttributeValueMemberS{Value: prefix}
	}
	out, err := s.DB.Query(context.Background(), &dynamodb.QueryInput{
		TableName: &s.Table, KeyConditionExpression: aws.String(condition), ExpressionAttributeValues: v, ConsistentRead: aws.Bool(true),
	})
	if err != nil || len(out.Items) == 0 {
		s.Fatalf("%s / %s: %d items, %v", pk, prefix, len(out.Items), err)
	}
	return out.Items
}

// writer returns what takes items, which several workers write 25 at a time, and waits for
// them when there is no item.
func (s *stage) writer(t testing.TB, workers int) (add func(item)) {
	const perCall = 25
	var wg sync.WaitGroup
	batches, batch := make(chan []types.WriteRequest, workers), []types.WriteRequest(nil)
	for range workers {
		wg.Go(func() {
			for requests := range batches {
				for len(requests) > 0 {
					out, err := s.DB.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{
						RequestItems: map[string][]types.WriteRequest{s.Table: requests},
					})
					if err != nil {
						t.Error(err)
						break
					}
					requests = out.UnprocessedItems[s.Table]
				}
			}
		})
	}
	return func(i item) {
		if i != nil {
			batch = append(batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
		}
		if len(batch) == perCall || i == nil && len(batch) > 0 {
			batches <- batch
			batch = nil
		}
		if i == nil {
			close(batches)
			wg.Wait()
		}
	}
}
