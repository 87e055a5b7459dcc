package faults_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/store"
)

// Indexes that have not heard of anything since before the operation change nothing of what
// it does: no decision rests on one. A sweep that reads what is long over does no harm, and
// the first with fresh indexes does the rest.
func TestLag_changesNothing(t *testing.T) {
	for _, op := range slices.Concat(operations, schedules) {
		t.Run(strings.TrimSpace(op.call+" "+op.name), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, success, want := op.undisturbed(w)
			do := op.prepare(w)
			before := w.moment()
			mend := w.cut(lagging(w))
			wantStatus(w, do(w.Context()), success)
			for range 2 { // of the second sweep, all that the index tells is over
				op.finish(w)
			}
			mend()
			op.finish(w)
			op.compare(w, before, want)
			w.checkLinks(w.CheckInvariants())
			prove.Count(t, 1, "operations over lagging indexes")
		})
	}
}

// lagging answers queries of indexes from a copy of the table as it is now.
func lagging(w *world) apitest.Hook {
	w.Helper()
	copied := "lagging-" + ident.New(w.Clock.Now())
	if err := store.CreateTable(context.Background(), w.DB, copied); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if _, err := w.DB.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &copied}); err != nil {
			w.Error(err)
		}
	})
	copyTable(w, copied)
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation != "Query" || !bytes.Contains(c.Body, []byte(`"IndexName"`)) {
			return send()
		}
		body := bytes.ReplaceAll(c.Body, []byte(w.Table), []byte(copied))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return http.DefaultClient.Do(r)
	}
}

func copyTable(w *world, to string) {
	w.Helper()
	const most = 25 // in one BatchWriteItem
	pages := dynamodb.NewScanPaginator(w.DB, &dynamodb.ScanInput{TableName: &w.Table, ConsistentRead: aws.Bool(true), Limit: aws.Int32(most)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			w.Fatal(err)
		}
		var puts []types.WriteRequest
		for _, item := range page.Items {
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		for len(puts) > 0 {
			out, err := w.DB.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{to: puts}})
			if err != nil {
				w.Fatal(err)
			}
			puts = out.UnprocessedItems[to]
		}
	}
}
