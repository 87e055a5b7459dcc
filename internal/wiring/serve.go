package wiring

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/nemorouter/nemo-team/internal/web"
)

// Serve answers the requests that an API Gateway HTTP API sends to this function, with one
// part of the API. It does not return.
func (a *App) Serve(part web.Mounter) {
	handler := web.Handler(a.API(), part)
	if _, isDocs := part.(web.Docs); !isDocs { // every other part begins with a read
		go a.warm()
	}
	lambda.Start(behindGateway(handler))
}

// warmTime bounds warm: by then the first request has made its own connection.
const warmTime = 2 * time.Second

// warm opens a connection to DynamoDB while the runtime asks for its first request.
func (a *App) warm() {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	a.store().Warm(ctx)
}

// behindGateway answers API Gateway's events with h.
func behindGateway(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	adapter, tooLarge := httpadapter.NewV2(whole(h)), httpadapter.NewV2(web.TooLarge())
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r.RawPath = parseable(cmp.Or(r.RawPath, r.RequestContext.HTTP.Path)) // the adapter takes the second for the first
		r.RawQueryString = escaped(r.RawQueryString, "#")
		answer, err := adapter.ProxyWithContext(context.WithValue(ctx, headersKey{}, r.Headers), r)
		if err == nil && !web.Answerable(answer.Body) {
			return tooLarge.ProxyWithContext(ctx, r)
		}
		return answer, err
	}
}

type headersKey struct{}

// whole hands every header over in one piece: the adapter cuts most of them at commas, lists
// or not, and two calls with the keys "batch-7,1" and "batch-7,2" would be one.
func whole(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		headers, _ := r.Context().Value(headersKey{}).(map[string]string)
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		h.ServeHTTP(w, r)
	})
}

// parseable escapes what is no part of a path. API Gateway decodes paths before it hands them
// over, so that "/%25zz" comes as "/%zz", on which the adapter would fail and the caller see
// a bare 500; and "/a%3Fb" as "/a?b", which asks for another thing.
func parseable(path string) string {
	if _, err := url.PathUnescape(path); err != nil {
		return (&url.URL{Path: path}).EscapedPath()
	}
	return escaped(path, "?#")
}

// escaped escapes what no URL is made of, and the marks that would end this part of one.
func escaped(text, marks string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if c <= ' ' || c == 0x7f || strings.IndexByte(marks, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Run answers the events of a schedule or a topic. It does not return.
func (a *App) Run(handle any) { lambda.Start(handle) }
