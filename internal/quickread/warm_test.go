package quickread

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The SDK's first call finds the connection that Warm has opened.
func TestWarm(t *testing.T) {
	var connected, called atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		called.Add(1)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Write([]byte("{}"))
	}))
	server.Config.ConnState = countNew(&connected)
	server.Start()
	defer server.Close()

	db := dynamodb.New(options(server.URL, keys[0]))
	New(db.Options()).Warm(t.Context())
	if _, err := db.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
		t.Fatal(err)
	}
	if connected.Load() != 1 || called.Load() != 2 {
		t.Errorf("%d calls over %d connections", called.Load(), connected.Load())
	}
}

func countNew(n *atomic.Int64) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n.Add(1)
		}
	}
}
