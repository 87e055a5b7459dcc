package wiring

import (
	"context"
	"net/http"
	"net/url"

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
		go warm()
	}
	lambda.Start(behindGateway(handler))
}

// behindGateway answers API Gateway's events with h.
func behindGateway(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	adapter := httpadapter.NewV2(h)
	return func(ctx context.Context, r events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r.RawPath = parseable(r.RawPath)
		return adapter.ProxyWithContext(ctx, r)
	}
}

// parseable escapes a path that is no part of a URL. API Gateway decodes paths before it
// hands them over, so that "/%25zz" comes as "/%zz"; the adapter would fail on it, and the
// caller see a bare 500.
func parseable(path string) string {
	if _, err := url.ParseRequestURI(path); err != nil {
		return (&url.URL{Path: path}).EscapedPath()
	}
	return path
}

// Run answers the events of a schedule or a topic. It does not return.
func (a *App) Run(handle any) { lambda.Start(handle) }
