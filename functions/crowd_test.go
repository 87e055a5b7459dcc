package functions_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// founder returns the owner of a fresh organization.
func founder(t testing.TB) owner {
	t.Helper()
	e, address := signingUp(t)
	return foundBy(t, e, address)
}

var sources atomic.Int64

// signingUp asks to found an organization. Nobody has asked for the address before, nor from
// where it is asked from: both are told how often they may.
func signingUp(t testing.TB) (e event, address string) {
	t.Helper()
	address = fmt.Sprintf("grace.%d@acme.com", time.Now().UnixNano())
	e = request(t, "POST", "/v1/signup").json(t, map[string]any{"email": address, "org_name": "Crowd"})
	e.RequestContext.HTTP.SourceIP = fmt.Sprintf("2001:db8:%x::1", sources.Add(1))
	return e, address
}

// fill copies rows that functions wrote, so that they have the shape that functions read.
func fill(t testing.TB, produce func(add func(apitest.Item))) {
	t.Helper()
	(&apitest.World{TB: t, DB: db, Table: table}).Fill(produce)
}

// stored are the rows whose keys begin so. There must be one.
func stored(t testing.TB, pk, sk string) (rows []apitest.Item) {
	t.Helper()
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{
		TableName: &table, FilterExpression: aws.String("begins_with(pk, :pk) AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: apitest.Item{":pk": &types.AttributeValueMemberS{Value: pk}, ":sk": &types.AttributeValueMemberS{Value: sk}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Items...)
	}
	if len(rows) == 0 {
		t.Fatalf("there is no %s / %s", pk, sk)
	}
	return rows
}

func textOf(row apitest.Item, name string) string {
	return row[name].(*types.AttributeValueMemberS).Value
}

func freshID() string { return ident.New(time.Now()) }

// asked asks about n keys of as many people.
func (o owner) asked(t testing.TB, n int) event {
	t.Helper()
	hash := secret.Hash(o.newKey(t, string(keys.Inference)))
	row := stored(t, "SECRET#"+hash, "")[0]
	member := stored(t, "ORG#"+o.org(t, "id"), "MEMBER#")[0]
	user, key := textOf(row, "user_id"), textOf(row, "id")
	var questions []map[string]any
	fill(t, func(add func(apitest.Item)) {
		for range n {
			holder, id := freshID(), freshID()
			add(apitest.Copied(member, user, holder))
			add(apitest.Copied(row, user, holder, key, id, hash, secret.Hash(id)))
			questions = append(questions, map[string]any{"key_hash": secret.Hash(id), "model": "gpt-5"})
		}
	})
	return request(t, "POST", "/v1/keys/verify/batch").bearing(gatewayToken).json(t, map[string]any{"questions": questions})
}

// edited fills the record with n entries as long as any.
func (o owner) edited(t testing.TB, n int) {
	t.Helper()
	created := field[string](t, request(t, "POST", "/v1/keys").bearing(o.session).json(t, map[string]any{"name": "edited"}).call(t, "keys").want(t, 201), "id")
	models := make([]string, keys.MaxModels)
	for i := range models {
		number := fmt.Sprint(i)
		models[i] = strings.Repeat("<", keys.MaxModelNames/keys.MaxModels-len(number)) + number
	}
	request(t, "PATCH", "/v1/keys/"+created).bearing(o.session).json(t, map[string]any{"models": models}).call(t, "keys").want(t, 200)
	record := stored(t, "AUDIT#"+o.org(t, "id"), "")
	entry := slices.MaxFunc(record, func(a, b apitest.Item) int { return strings.Compare(textOf(a, "id"), textOf(b, "id")) })
	fill(t, func(add func(apitest.Item)) {
		for range n {
			add(apitest.Copied(entry, textOf(entry, "id"), freshID()))
		}
	})
}

// spending takes long to make.
var spending shared

// spender returns the owner of an organization in which 10,000 keys of as many people have
// spent, each once.
func spender(t testing.TB) owner {
	t.Helper()
	return spending.get(t, func(t testing.TB) owner {
		o := founder(t)
		o.spendMany(t, 10_000)
		return o
	})
}

func (o owner) spendMany(t testing.TB, n int) {
	t.Helper()
	o.spends(t, 1, 0).call(t, "ingest").want(t, 200)
	org := o.org(t, "id")
	event, sum := stored(t, "EVENT#"+org, "")[0], stored(t, "SPEND#"+org, "KEY#")[0]
	user, key, id := textOf(sum, "user_id"), textOf(event, "key_id"), textOf(event, "sk")
	fill(t, func(add func(apitest.Item)) {
		for range n {
			holder, fresh := freshID(), freshID()
			add(apitest.Copied(event, key, fresh, id, freshID()))
			add(apitest.Copied(sum, user, holder, key, fresh))
		}
	})
}

// left deletes an organization of n more members, each with a key, and lets its purge be due.
func (o owner) left(t testing.TB, n int) {
	t.Helper()
	org, slug := o.org(t, "id"), o.org(t, "slug")
	member, key := stored(t, "ORG#"+org, "MEMBER#")[0], stored(t, "ORG#"+org, "KEY#")[0]
	fill(t, func(add func(apitest.Item)) {
		for range n {
			holder, id := freshID(), freshID()
			add(apitest.Copied(member, textOf(key, "user_id"), holder, textOf(member, "email"), holder+"@acme.com"))
			add(apitest.Copied(key, textOf(key, "user_id"), holder, textOf(key, "id"), id, textOf(key, "hash"), secret.Hash(id)))
		}
	})
	request(t, "DELETE", "/v1/org").bearing(o.session).json(t, map[string]any{"confirm": slug}).call(t, "org").want(t, 204)
	_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &table, UpdateExpression: aws.String("SET due_at = deleted_at"),
		Key: apitest.Item{"pk": &types.AttributeValueMemberS{Value: "ORG#" + org}, "sk": &types.AttributeValueMemberS{Value: "ORG"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
