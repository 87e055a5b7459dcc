package wiring

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// The client's first call finds the connection that warm has opened.
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
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", region.Name: "eu-central-1"} {
		t.Setenv(name, value)
	}
	t.Setenv(dynamoDBEndpoint.Name, server.URL)

	warm()
	if _, err := DynamoDB().ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
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
