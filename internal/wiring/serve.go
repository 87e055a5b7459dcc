package wiring

import (
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/nemorouter/nemo-team/internal/web"
)

// Serve answers the requests that an API Gateway HTTP API sends to this function, with one
// part of the API. It does not return.
func (a *App) Serve(part web.Mounter) {
	lambda.Start(httpadapter.NewV2(web.Handler(a.API(), part)).ProxyWithContext)
}

// Run answers the events of a schedule or a topic. It does not return.
func (a *App) Run(handle any) { lambda.Start(handle) }
