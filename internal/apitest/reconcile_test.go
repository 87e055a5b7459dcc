package apitest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
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

// meddle adds a request of today to what a key's sums have.
func meddle(w *apitest.World, owner *apitest.Person, k payer) {
	w.Helper()
	_, err := w.DB.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, UpdateExpression: aws.String("ADD #r :one"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "SPEND#" + owner.OrgID + "#" + w.Clock.Now().Format("2006-01")},
			"sk": &types.AttributeValueMemberS{Value: "KEY#" + k.id + "#00"},
		},
		ExpressionAttributeNames:  map[string]string{"#r": "r" + w.Clock.Now().Format("02")},
		ExpressionAttributeValues: map[string]types.AttributeValue{":one": &types.AttributeValueMemberN{Value: "1"}},
	})
	if err != nil {
		w.Fatal(err)
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
	meddle(w, acme, key)
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

// Events that are counted while sums and events are read are no difference, however many come.
// One that stays is found among them.
func TestReconcile_whileEventsCome(t *testing.T) {
	w := apitest.Alone(t)
	acme, gw := w.SignUp("Acme"), billerOf(w)
	busy, quiet := pay(acme), pay(acme)
	gw.report(gw.event(quiet, "1")).want(t, 1, 0, 0, 0)
	n := 0
	mend := w.Wire.Break(func(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "Query" && (bytes.Contains(c.Body, []byte("#7\"")) || bytes.Contains(c.Body, []byte("SPEND#"))) {
			n++
			gw.report(gw.event(busy, fmt.Sprint("busy ", n))).want(t, 1, 0, 0, 0)
		}
		return send()
	})
	defer mend()
	this := spend.Period{Month: w.Clock.Now().Format("2006-01")}
	if found := reconcile(w, this); len(found.Differences) > 0 || n == 0 {
		t.Errorf("after %d events: %+v", n, found)
	}
	meddle(w, acme, quiet)
	if found := reconcile(w, this); len(found.Differences) != 1 || found.Differences[0].KeyID != quiet.id {
		t.Errorf("%+v", found)
	}
}

// A deleted org has no sums, and events until their time is over: that is no difference.
func TestReconcile_deletedOrg(t *testing.T) {
	w := apitest.Alone(t)
	acme, globex, gw := w.SignUp("Acme"), w.SignUp("Globex"), billerOf(w)
	gw.report(gw.event(pay(acme), "1"), gw.event(pay(globex), "1")).want(t, 2, 0, 0, 0)
	this := spend.Period{Month: w.Clock.Now().Format("2006-01")}
	acme.Do("DELETE", "/v1/org", apitest.Map{"confirm": acme.Do("GET", "/v1/org", nil).Get("slug")}).Want(204)
	w.Clock.Advance(2 * time.Minute)
	for !w.Sweep().Done {
	}
	if found := reconcile(w, this); found.Orgs != 1 || found.Events != 1 || len(found.Differences) > 0 {
		t.Errorf("%+v", found)
	}
	this.OrgID = acme.OrgID
	if found := reconcile(w, this); len(found.Differences) > 0 {
		t.Errorf("%+v", found)
	}
}

// An org whose events cannot be read keeps no other from being looked at, and its own months
// from being closed.
func TestReconcile_goesOn(t *testing.T) {
	w := apitest.Alone(t)
	acme, globex, gw := w.SignUp("Acme"), w.SignUp("Globex"), billerOf(w)
	gw.report(gw.event(pay(acme), "1"), gw.event(pay(globex), "1")).want(t, 2, 0, 0, 0)
	for _, broken := range []*apitest.Person{acme, globex} {
		mend := w.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
			if bytes.Contains(c.Body, []byte("EVENT#"+broken.OrgID)) {
				return apitest.Answer(r, http.StatusBadRequest, "ValidationException", nil), nil
			}
			return send()
		})
		found, err := w.Reconciler.Reconcile(context.Background(), spend.Period{Month: w.Clock.Now().Format("2006-01")})
		mend()
		if err == nil || found.Orgs != 2 || found.Events != 1 {
			t.Errorf("%v, %+v", err, found)
		}
		if before, _, err := w.Store.ClosedMonths(context.Background(), broken.OrgID); err != nil || before.IsZero() {
			t.Errorf("closed before %v, %v", before, err)
		}
	}
}

// An org whose events take longer to read than there is time, and which comes first, keeps no
// other from being looked at, and leaves time to tell what was found.
func TestReconcile_takesTurns(t *testing.T) {
	w := apitest.Alone(t)
	acme, globex, gw := w.SignUp("Acme"), w.SignUp("Globex"), billerOf(w)
	gw.report(gw.event(pay(acme), "1"), gw.event(pay(globex), "1")).want(t, 2, 0, 0, 0)
	var first atomic.Pointer[string]
	defer w.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		for _, o := range []*apitest.Person{acme, globex} {
			if !bytes.Contains(c.Body, []byte("EVENT#"+o.OrgID)) {
				continue
			}
			first.CompareAndSwap(nil, &o.OrgID)
			if *first.Load() == o.OrgID {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
		}
		return send()
	})()
	ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second)
	defer cancel()
	found, err := w.Reconciler.Reconcile(ctx, spend.Period{Month: w.Clock.Now().Format("2006-01")})
	if !errors.Is(err, context.DeadlineExceeded) || found.Orgs != 2 || found.Events != 1 || ctx.Err() != nil {
		t.Errorf("%v, %v, %+v", ctx.Err(), err, found)
	}
	for _, o := range []*apitest.Person{acme, globex} {
		if before, _, err := w.Store.ClosedMonths(t.Context(), o.OrgID); err != nil || before.IsZero() {
			t.Errorf("closed before %v, %v", before, err)
		}
	}
}

// A table that takes longer to read than there is time is read in another order each time:
// what was found is looked at, and nobody is never found.
func TestReconcile_findsInTurns(t *testing.T) {
	w := apitest.Alone(t)
	orgs := []string{w.SignUp("Acme").OrgID, w.SignUp("Globex").OrgID, w.SignUp("Initech").OrgID, w.SignUp("Umbrella").OrgID}
	looked := []*atomic.Bool{{}, {}, {}, {}}
	for range 60 {
		var scans atomic.Int32
		mend := w.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
			for i, id := range orgs {
				if bytes.Contains(c.Body, []byte("EVENT#"+id)) {
					looked[i].Store(true)
				}
			}
			if c.Operation == "Scan" && scans.Add(1) > 8 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return send()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second) // 5 s of which it keeps
		_, err := w.Reconciler.Reconcile(ctx, spend.Period{Month: w.Clock.Now().Format("2006-01")})
		cancel()
		mend()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(looked, func(is *atomic.Bool) bool { return !is.Load() }) {
			return
		}
	}
	t.Error("one was never found")
}

// An org that nobody waits behind may take all the time that there is.
func TestReconcile_takesAllTimeAlone(t *testing.T) {
	w := apitest.New(t)
	acme, gw := w.SignUp("Acme"), billerOf(w)
	gw.report(gw.event(pay(acme), "1")).want(t, 1, 0, 0, 0)
	var slow atomic.Bool
	defer w.Wire.Break(func(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if bytes.Contains(c.Body, []byte("EVENT#"+acme.OrgID)) && slow.CompareAndSwap(false, true) {
			time.Sleep(4 * time.Second)
		}
		return send()
	})()
	ctx, cancel := context.WithTimeout(t.Context(), 11*time.Second) // 5 s of which it keeps
	defer cancel()
	found, err := w.Reconciler.Reconcile(ctx, spend.Period{OrgID: acme.OrgID, Month: w.Clock.Now().Format("2006-01")})
	if err != nil || found.Events != 1 {
		t.Errorf("%v, %+v", err, found)
	}
}

// An org whose months take all time to close keeps none from being looked at.
func TestReconcile_slowToClose(t *testing.T) {
	w := apitest.New(t)
	acme, gw := w.SignUp("Acme"), billerOf(w)
	gw.report(gw.event(pay(acme), "1")).want(t, 1, 0, 0, 0)
	defer w.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if bytes.Contains(c.Body, []byte("CLOSED#"+acme.OrgID)) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return send()
	})()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second) // 5 s of which it keeps
	defer cancel()
	found, err := w.Reconciler.Reconcile(ctx, spend.Period{OrgID: acme.OrgID, Month: w.Clock.Now().Format("2006-01")})
	if !errors.Is(err, context.DeadlineExceeded) || found.Events != 1 {
		t.Errorf("%v, %+v", err, found)
	}
}
