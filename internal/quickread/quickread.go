// Package quickread reads items by their keys at a tenth of the SDK's cost. The gateway
// asks before every LLM request, and the SDK takes some 430 allocations for each call;
// this takes some 30. It speaks BatchGetItem and nothing else, over the SDK's own HTTP
// client, endpoint and credentials, and fails with the SDK's own errors.
package quickread

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/uuid"
)

// Client reads from the table of one region.
type Client struct {
	options  dynamodb.Options
	endpoint *url.URL
	broken   error // why there is no endpoint
	key      atomic.Pointer[signingKey]
}

// New returns a client that goes where one of the SDK with these options would.
func New(o dynamodb.Options) *Client {
	c := &Client{options: o}
	where, err := o.EndpointResolverV2.ResolveEndpoint(context.Background(), dynamodb.EndpointParameters{
		Region: &o.Region, Endpoint: o.BaseEndpoint,
	}.WithDefaults())
	if c.endpoint, c.broken = &where.URI, err; c.endpoint.Path == "" {
		c.endpoint.Path = "/"
	}
	return c
}

// Key addresses one item: its partition key and its sort key.
type Key struct{ PK, SK string }

// Request is what to read. It is read strongly consistent.
type Request struct {
	Table string
	// Projection is the part of the request that says which attributes are wanted: a JSON
	// object's fields ProjectionExpression and ExpressionAttributeNames, without braces.
	Projection string
	Keys       []Key // up to 100, none twice
}

// Answer is what was read.
type Answer[T any] struct {
	Items       []T
	Unprocessed []Key // that the engine had no time for
}

// Row is a T that takes what was read of an item, attribute by attribute.
type Row[T any] interface {
	*T
	Set(attribute string, v Value)
}

// Get reads items, in any order; missing ones are missing.
func Get[T any, R Row[T]](ctx context.Context, c *Client, r Request) (Answer[T], error) {
	body, err := c.send(ctx, r.encode())
	if err != nil {
		return Answer[T]{}, err
	}
	a, err := parse[T, R](string(body), r.Table)
	if err != nil {
		return Answer[T]{}, &smithy.DeserializationError{Err: err}
	}
	return a, nil
}

func (r Request) encode() []byte {
	const perKey = 160 // bytes; most take less
	b := make([]byte, 0, 256+len(r.Projection)+perKey*len(r.Keys))
	b = append(b, `{"RequestItems":{`...)
	b = appendText(b, r.Table)
	b = append(b, `:{"ConsistentRead":true,`...)
	b = append(b, r.Projection...)
	b = append(b, `,"Keys":[`...)
	for i, k := range r.Keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"pk":{"S":`...)
		b = appendText(b, k.PK)
		b = append(b, `},"sk":{"S":`...)
		b = appendText(b, k.SK)
		b = append(b, `}}`...)
	}
	return append(b, `]}}}`...)
}

// appendText writes a JSON string.
func appendText(b []byte, s string) []byte {
	plain := func(r rune) bool { return r >= ' ' && r < 0x7f && r != '"' && r != '\\' }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) >= 0 {
		quoted, _ := json.Marshal(s) // every string has a form
		return append(b, quoted...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// attempts is how often a request is sent at most, as with store.Retries.
const attempts = 4

// send sends a request until it gets an answer, or a refusal that will not pass.
func (c *Client) send(ctx context.Context, body []byte) (answer []byte, err error) {
	if c.broken != nil {
		return nil, c.broken
	}
	invocation := []string{uuid.NewString()}
	for attempt := range attempts {
		if attempt > 0 && !pause(ctx, attempt) {
			return nil, err
		}
		var again bool
		if answer, again, err = c.try(ctx, body, invocation); !again {
			return answer, err
		}
	}
	return nil, err
}

// pause waits with full jitter and reports whether there is still time.
func pause(ctx context.Context, attempt int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(rand.N(25 * time.Millisecond << attempt)):
		return true
	}
}

// try sends a request once, and says whether an error may pass.
func (c *Client) try(ctx context.Context, body []byte, invocation []string) (answer []byte, again bool, err error) {
	credentials, err := c.options.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, false, err
	}
	r := (&http.Request{
		Method: http.MethodPost, URL: c.endpoint, Host: c.endpoint.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: c.sign(time.Now(), credentials, body), Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}).WithContext(ctx)
	r.Header["Amz-Sdk-Invocation-Id"] = invocation
	response, err := c.options.HTTPClient.Do(r)
	if err != nil {
		return nil, ctx.Err() == nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	if answer, err = whole(response); err != nil {
		return nil, ctx.Err() == nil, &smithyhttp.RequestSendError{Err: err}
	}
	if response.StatusCode == http.StatusOK {
		return answer, false, nil
	}
	again, err = refusal(response.StatusCode, answer)
	return nil, again, err
}

var errChecksum = errors.New("quickread: the answer does not have the checksum that it says")

// whole reads an answer to its end.
func whole(r *http.Response) ([]byte, error) {
	body := make([]byte, 0, max(r.ContentLength, 512)+1) // one more, to see the end
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
	if said := r.Header.Get("X-Amz-Crc32"); said != "" && said != strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10) {
		return nil, errChecksum
	}
	return body, nil
}

// refusal reads the engine's error, and says whether it may pass.
func refusal(status int, body []byte) (again bool, err error) {
	var doc struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	_ = json.Unmarshal(body, &doc) // what is no document has no code, and its status counts
	e := &smithy.GenericAPIError{Code: doc.Type[strings.LastIndexByte(doc.Type, '#')+1:], Message: doc.Message}
	if status >= http.StatusInternalServerError {
		e.Fault = smithy.FaultServer
		if e.Code == "" {
			e.Code = "ServiceUnavailable"
		}
	}
	switch e.Code {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded":
		return true, e
	}
	return status >= http.StatusInternalServerError, e
}
