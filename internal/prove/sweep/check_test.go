package sweep_test

import (
	"context"
	"net/http"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

type (
	request  = http.Request
	response = http.Response
)

// findings are what a table has of invitations, counted as it is read: it may be large.
type findings struct {
	invitations, expired, due int
	entries                   map[string]int // of expiry, by invitation
	addresses                 int            // that are still invited
	pending                   int            // as teams count
}

// expired reads orgs, partition by partition: the local engine cannot scan a table of this size.
func expired(w *apitest.World, orgs []string) findings {
	w.Helper()
	f := findings{entries: map[string]int{}}
	for _, id := range orgs {
		f.read(w, "ORG#"+id)
		f.read(w, "AUDIT#"+id)
	}
	return f
}

func (f *findings) read(w *apitest.World, partition string) {
	w.Helper()
	pages := dynamodb.NewQueryPaginator(w.DB, &dynamodb.QueryInput{
		TableName: &w.Table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :partition"),
		ExpressionAttributeValues: row{":partition": &types.AttributeValueMemberS{Value: partition}},
		ProjectionExpression:      aws.String("pk, sk, #status, due_shard, pending, #action, target, #is"),
		ExpressionAttributeNames:  map[string]string{"#status": "status", "#action": "action", "#is": "is"},
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(context.Background())
		if err != nil {
			w.Fatal(err)
		}
		var rows []apitest.Row
		if err := attributevalue.UnmarshalListOfMaps(out.Items, &rows); err != nil {
			w.Fatal(err)
		}
		for _, r := range rows {
			f.add(r)
		}
	}
}

func (f *findings) add(r apitest.Row) {
	switch sk := r.Text("sk"); {
	case strings.HasPrefix(sk, "INVITE#"):
		f.invitations++
		if r.Text("status") == "expired" {
			f.expired++
		}
		if r.Has("due_shard") {
			f.due++
		}
	case strings.HasPrefix(sk, "ADDRESS#") && r.Text("is") == "invited":
		f.addresses++
	case strings.HasPrefix(sk, "TEAM#"):
		f.pending += r.Number("pending")
	case r.Text("action") == "invitation.expired":
		target, _ := r["target"].(map[string]any)
		id, _ := target["id"].(string)
		f.entries[id]++
	}
}

// want fails the test unless n invitations expired once each, and nothing of them is left.
func (f findings) want(t *testing.T, n int) {
	t.Helper()
	if f.invitations != n || f.expired != n || f.due != 0 || f.addresses != 0 || f.pending != 0 {
		t.Errorf("of %d: %d are there, %d expired, %d in the index, %d addresses and %d places taken", n, f.invitations, f.expired, f.due, f.addresses, f.pending)
	}
	if len(f.entries) != n {
		t.Errorf("the record has %d that expired, want %d", len(f.entries), n)
	}
	for id, times := range f.entries {
		if times != 1 {
			t.Errorf("invitation %s expired %d times", id, times)
		}
	}
}

// live is what the last collection of garbage left.
const live = "/gc/heap/live:bytes"

// peak is the most that was live at once while do ran.
func peak(do func()) (most uint64) {
	runtime.GC()
	var done atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		sample := []metrics.Sample{{Name: live}}
		for !done.Load() {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			time.Sleep(10 * time.Millisecond)
		}
	}()
	do()
	done.Store(true)
	<-ended
	return most
}

func mebi(bytes uint64) float64 { return float64(bytes) / (1 << 20) }
