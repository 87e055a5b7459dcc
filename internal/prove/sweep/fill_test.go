// Package sweep_test sweeps as many invitations as a large installation has due in one night.
package sweep_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	apitest.Main(m)
}

type m = apitest.Map

type row = apitest.Item

// mold is one invitation as the API stored it: its own row, that of its address, and the
// entry of its creation. Others are cast from it.
type mold struct {
	rows               []row
	id, email, entryID string
	team               row // its key
}

// inviteMany stores n pending invitations, as of many people at the same time, spread over
// some orgs and teams, and returns the orgs' ids.
func inviteMany(w *apitest.World, n int) (orgs []string) {
	w.Helper()
	var molds []mold
	for range 3 {
		owner := w.SignUp("Acme")
		orgs = append(orgs, owner.OrgID)
		other := owner.Do("POST", "/v1/teams", m{"name": "Research"}).Want(201).Get("id")
		for _, team := range []string{owner.TeamID, other} {
			molds = append(molds, newMold(w, owner, team))
		}
	}
	fill(w, molds, n-len(molds))
	return orgs
}

func newMold(w *apitest.World, owner *apitest.Person, team string) mold {
	w.Helper()
	md := mold{email: apitest.Address("bob"), team: key("ORG#"+owner.OrgID, "TEAM#"+team)}
	md.id = owner.Do("POST", "/v1/invitations", m{"email": md.email, "role": "member", "team_id": team}).Want(201).Get("id")
	for _, e := range w.Books().Orgs[owner.OrgID].Audit {
		if target, _ := e["target"].(map[string]any); target["id"] == md.id {
			md.entryID = e.Text("id")
		}
	}
	for _, at := range []row{
		key("ORG#"+owner.OrgID, "INVITE#"+md.id), key("ORG#"+owner.OrgID, "ADDRESS#"+md.email), key("AUDIT#"+owner.OrgID, md.entryID),
	} {
		out, err := w.DB.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &w.Table, Key: at})
		if err != nil || out.Item == nil {
			w.Fatalf("the row %v is %v, %v", at, out, err)
		}
		md.rows = append(md.rows, out.Item)
	}
	return md
}

func key(pk, sk string) row {
	return row{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
}

// cast returns the rows of one more invitation. It is due with the others, in some shard.
func (md mold) cast(w *apitest.World, n int) (rows []row) {
	fresh := []string{md.id, w.NoID(), md.email, fmt.Sprintf("guest.%d@example.com", n), md.entryID, w.NoID()}
	for _, r := range md.rows {
		c := apitest.Copied(r, fresh...)
		if c["due_shard"] != nil {
			c["due_shard"] = &types.AttributeValueMemberS{Value: fmt.Sprint("DUE#", n%store.DueShards)}
		}
		rows = append(rows, c)
	}
	return rows
}

func fill(w *apitest.World, molds []mold, n int) {
	w.Helper()
	perMold := make([]int, len(molds))
	w.Fill(func(add func(row)) {
		for i := range n {
			perMold[i%len(molds)]++
			for _, r := range molds[i%len(molds)].cast(w, i) {
				add(r)
			}
		}
	})
	for i, md := range molds {
		_, err := w.DB.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
			TableName: &w.Table, Key: md.team, UpdateExpression: aws.String("ADD pending :n"),
			ExpressionAttributeValues: row{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(perMold[i])}},
		})
		if err != nil {
			w.Fatal(err)
		}
	}
}
