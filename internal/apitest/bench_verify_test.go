package apitest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// What one question costs, in an org of few keys and of many. The key's holder has as many
// keys as one may.
func BenchmarkVerify(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		w := apitest.Alone(b)
		ada := w.SignUp("Acme")
		plain, id := ada.NewKey()
		limited, _ := ada.NewKey(apitest.Map{"requests_per_minute": 1_000_000})
		for range 38 {
			ada.NewKey()
		}
		fill(b, w, id, n-40)
		for name, key := range map[string]string{"plain": plain, "per-minute": limited} {
			b.Run(fmt.Sprintf("keys=%d/%s", n, name), func(b *testing.B) {
				g := w.In(b).Gateway()
				trips, reads, writes := 0.0, 0.0, 0.0
				for _, c := range w.Wire.Record(func() { g.Ask(key) }) {
					reads, writes = reads+c.ReadUnits, writes+c.WriteUnits
					if c.Operation == "BatchGetItem" { // the count goes beside the second one
						trips++
					}
				}
				for b.Loop() {
					g.Ask(key)
				}
				b.ReportMetric(trips, "trips")
				b.ReportMetric(reads, "RCU")
				b.ReportMetric(writes, "WCU")
			})
		}
	}
}

// fill copies a key's record and secret n times, each under an id and hash of its own.
func fill(b *testing.B, w *apitest.World, keyID string, n int) {
	b.Helper()
	var record, secret map[string]types.AttributeValue
	pages := dynamodb.NewScanPaginator(w.DB, &dynamodb.ScanInput{
		TableName: &w.Table, FilterExpression: aws.String("id = :id AND attribute_exists(generation)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":id": &types.AttributeValueMemberS{Value: keyID}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		for _, item := range page.Items {
			if strings.HasPrefix(item["sk"].(*types.AttributeValueMemberS).Value, "KEY#") {
				record = item
			} else {
				secret = item
			}
		}
	}
	hash := secret["hash"].(*types.AttributeValueMemberS).Value
	like := func(item map[string]types.AttributeValue, id, h string) types.WriteRequest {
		copied := map[string]types.AttributeValue{}
		for name, v := range item {
			if s, ok := v.(*types.AttributeValueMemberS); ok {
				v = &types.AttributeValueMemberS{Value: strings.NewReplacer(keyID, id, hash, h).Replace(s.Value)}
			}
			copied[name] = v
		}
		return types.WriteRequest{PutRequest: &types.PutRequest{Item: copied}}
	}
	const perCall, writers = 12, 8
	var wg sync.WaitGroup
	for writer := range writers {
		wg.Go(func() {
			for done := writer * perCall; done < n; done += writers * perCall {
				var requests []types.WriteRequest
				for range min(perCall, n-done) {
					random := make([]byte, 32)
					rand.Read(random)
					id, h := fmt.Sprintf("%x-%x-7%x", random[:4], random[4:6], random[6:]), hex.EncodeToString(random)
					requests = append(requests, like(record, id[:len(keyID)], h), like(secret, id[:len(keyID)], h))
				}
				for len(requests) > 0 {
					out, err := w.DB.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{
						RequestItems: map[string][]types.WriteRequest{w.Table: requests},
					})
					if err != nil {
						b.Error(err)
						return
					}
					requests = out.UnprocessedItems[w.Table]
				}
			}
		})
	}
	wg.Wait()
}

// The handler alone, 16 questions at a time: the engine's answers are recorded ones.
func BenchmarkVerify_handler(b *testing.B) {
	w := apitest.Alone(b)
	ada := w.SignUp("Acme")
	key, _ := ada.NewKey(apitest.Map{"models": []string{"gpt-*"}})
	for range 39 {
		ada.NewKey()
	}
	recorded := &recorder{answers: map[int64][]byte{}}
	g := w.Gateway()
	mend := w.Wire.Break(recorded.hook)
	g.Ask(key, "gpt-5")
	mend()
	db := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://engine.test"), HTTPClient: recorded, Retryer: store.Retries(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	app := wiring.With(wiring.Settings{Store: store.New(db, w.Table), Now: w.Clock.Now, PublicURL: "http://team.test", Metrics: io.Discard})
	handler := web.Handler(app.API(), app.Verify())
	body := []byte(fmt.Sprintf(`{"key":%q,"model":"gpt-5"}`, key))
	b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
	b.ReportAllocs()
	b.ResetTimer()
	before := processorTime()
	defer func() {
		b.ReportMetric(float64(processorTime()-before)/float64(b.N)/float64(time.Microsecond), "cpu-µs/op")
	}()
	b.RunParallel(func(pb *testing.PB) {
		r := httptest.NewRequest("POST", "/v1/keys/verify", nil)
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+g.Token)
		content := bytes.NewReader(body)
		r.Body, r.ContentLength = io.NopCloser(content), int64(len(body))
		answer := &answerBuffer{header: http.Header{}}
		for pb.Next() {
			content.Reset(body)
			answer.Reset()
			clear(answer.header)
			if handler.ServeHTTP(answer, r); !bytes.Contains(answer.Bytes(), []byte(`"valid":true`)) {
				b.Errorf("%d %s", answer.status, answer)
				return
			}
		}
	})
}

// processorTime is what this process has used of all processors. Unlike the time of day it
// tells what an operation costs on a busy machine, garbage collection included.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// recorder answers the engine's requests with what it answered to one of the same length
// before.
type recorder struct{ answers map[int64][]byte }

func (rec *recorder) hook(_ apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	length := r.ContentLength
	answer, err := send()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	rec.answers[length], answer.Body = body, io.NopCloser(bytes.NewReader(body))
	return answer, err
}

func (rec *recorder) Do(r *http.Request) (*http.Response, error) {
	body := rec.answers[r.ContentLength]
	if body == nil {
		return nil, fmt.Errorf("no request of %d bytes was recorded", r.ContentLength)
	}
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: recordedHeader, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}, nil
}

var recordedHeader = http.Header{"Content-Type": {"application/x-amz-json-1.0"}}

type answerBuffer struct {
	bytes.Buffer
	header http.Header
	status int
}

func (a *answerBuffer) Header() http.Header    { return a.header }
func (a *answerBuffer) WriteHeader(status int) { a.status = status }
