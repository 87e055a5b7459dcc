package store

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
	"github.com/nemorouter/nemo-team/internal/ident"
)

var endpoint string

func TestMain(m *testing.M) { engine.Main(m, func(at string) { endpoint = at }) }

// wiretap hears what the store sends, and answers in the engine's place if told to.
type wiretap struct {
	mu     sync.Mutex
	sent   []request
	answer func(operation string, nth int) (kind string, fields map[string]any) // "" sends
}

type request struct {
	operation string
	body      map[string]any
}

func (w *wiretap) Do(r *http.Request) (*http.Response, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	req := request{operation: operation}
	if err := json.Unmarshal(b, &req.body); err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.sent = append(w.sent, req)
	answer, nth := w.answer, len(w.sent)
	w.mu.Unlock()
	if answer != nil {
		if kind, fields := answer(operation, nth); kind != "" {
			return failure(r, kind, fields), nil
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(b))
	return http.DefaultClient.Do(r)
}

func failure(r *http.Request, kind string, fields map[string]any) *http.Response {
	doc := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + kind}
	for name, value := range fields {
		doc[name] = value
	}
	b, _ := json.Marshal(doc)
	return &http.Response{
		StatusCode: http.StatusBadRequest, Request: r, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(b)), ContentLength: int64(len(b)),
	}
}

// conflict is what the engine says of a transaction that met another one.
func conflict() (string, map[string]any) {
	return "TransactionCanceledException", map[string]any{"CancellationReasons": []map[string]any{{"Code": "TransactionConflict"}}}
}

var sharedTable = sync.OnceValues(func() (string, error) {
	name := "store-" + ident.New(time.Now())
	return name, CreateTable(context.Background(), dynamodb.New(options(http.DefaultClient)), name)
})

func options(c aws.HTTPClient) dynamodb.Options {
	return dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint), HTTPClient: c, Retryer: Retries(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// open returns a store over the engine and what listens to it.
func open(t *testing.T) (*Store, *wiretap) {
	t.Helper()
	table, err := sharedTable()
	if err != nil {
		t.Fatal(err)
	}
	tap := &wiretap{}
	return New(dynamodb.New(options(tap)), table), tap
}

// newTenant is an org that nobody else uses.
func newTenant() tenant { return tenant(ident.New(time.Now())) }

// However many calls have failed before, a call may be tried again.
func TestRetries_doNotRunOut(t *testing.T) {
	retries := Retries()
	for n := range 1000 {
		if _, err := retries.GetRetryToken(t.Context(), io.ErrUnexpectedEOF); err != nil {
			t.Fatalf("after %d retries: %v", n, err)
		}
	}
}
