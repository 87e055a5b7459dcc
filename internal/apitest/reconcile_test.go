package apitest_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/spend"
)

func reconcile(w *apitest.World, p spend.Period) spend.Findings {
	w.Helper()
	found, err := w.Reconciler.Reconcile(context.Background(), p)
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// wantReconciled fails the test unless the sums of the orgs, of this month and the last, are
// what their events add up to.
func wantReconciled(t *testing.T, w *apitest.World, owners ...*apitest.Person) {
	t.Helper()
	for _, o := range owners {
		for _, month := range []string{w.Clock.Now().Format("2006-01"), w.Clock.Now().AddDate(0, 0, -w.Clock.Now().Day()).Format("2006-01")} {
			if found := reconcile(w, spend.Period{OrgID: o.OrgID, Month: month}); len(found.Differences) > 0 {
				t.Errorf("%+v", found)
			}
		}
	}
}

// The sums are what the events add up to, unless somebody meddles: then it is found where.
func TestReconcile(t *testing.T) {
	w := apitest.Alone(t)
	acme, globex, gw := w.SignUp("Acme"), w.SignUp("Globex"), billerOf(w)
	key, other := pay(acme), pay(globex)
	var batch []apitest.Map
	for i := range 150 {
		k := key
		if i%3 == 0 {
			k = other
		}
		batch = append(batch, gw.event(k, fmt.Sprint(i), apitest.Map{"model": fmt.Sprint("m", i%30), "cost_usd": fmt.Sprint(i)}))
	}
	gw.report(batch...).want(t, 150, 0, 0, 0)
	this := spend.Period{Month: w.Clock.Now().Format("2006-01")}
	if found := reconcile(w, this); found.Orgs != 2 || found.Events != 150 || len(found.Differences) != 0 {
		t.Fatalf("%+v", found)
	}
	_, err := w.DB.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, UpdateExpression: aws.String("ADD #r :one"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "SPEND#" + acme.OrgID + "#" + this.Month},
			"sk": &types.AttributeValueMemberS{Value: "KEY#" + key.id + "#00"},
		},
		ExpressionAttributeNames:  map[string]string{"#r": "r" + w.Clock.Now().Format("02")},
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	found := reconcile(w, spend.Period{OrgID: acme.OrgID, Month: this.Month})
	if len(found.Differences) != 1 {
		t.Fatalf("%+v", found)
	}
	if d := found.Differences[0]; d.KeyID != key.id || d.Day != w.Clock.Now().Day() || d.Sum.Requests != 101 || d.Total.Requests != 100 {
		t.Errorf("%+v", d)
	}
	for _, month := range []string{"2020-01", "soon", w.Clock.Now().Add(40 * 24 * time.Hour).Format("2006-01")} {
		if _, err := w.Reconciler.Reconcile(context.Background(), spend.Period{Month: month}); err == nil {
			t.Errorf("%s was reconciled", month)
		}
	}
}
