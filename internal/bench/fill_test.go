package bench_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
)

type item = apitest.Item

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

	s.Fill(func(add func(item)) {
		for i := range n {
			user, fresh := s.id(), []string{"Bob 0000000", fmt.Sprintf("Bob %07d", i), bob.Email, fmt.Sprintf("bob.%07d@example.com", i)}
			add(apitest.Copied(member, append(fresh, bob.ID, user)...))
			add(apitest.Copied(s.row("ORG#"+s.Owner.OrgID, "KEY#"+keyID), append(fresh, bob.ID, user, keyID, s.id())...))
			add(apitest.Copied(s.row("ORG#"+s.Owner.OrgID, "INVITE#"+invitation), invitation, s.id()))
			add(apitest.Copied(entry, textOf(entry, "id"), s.id()))
			if i < mostTeams-3 {
				add(apitest.Copied(s.row("ORG#"+s.Owner.OrgID, "TEAM#"+team), team, s.id()))
			}
			if i < mostSpending {
				add(apitest.Copied(spending, append(fresh, bob.ID, user, keyID, s.id())...))
			}
		}
	})
}

func (s *stage) id() string { return ident.New(s.Clock.Now()) }

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
