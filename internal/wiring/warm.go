package wiring

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// connections are what the DynamoDB client and warm share.
var connections aws.HTTPClient = awshttp.NewBuildableClient()

// warmTime bounds warm: by then the first request has made its own connection.
const warmTime = 2 * time.Second

// warm opens a connection to DynamoDB while the runtime asks for its first request, so that
// the first read need not wait for names and handshakes. It asks for nothing that would
// need a grant: the root of the endpoint only says that it is well. Failing costs nothing.
func warm() {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	at, err := dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, dynamodb.EndpointParameters{
		Region: aws.String(region.value()), Endpoint: endpoint(dynamoDBEndpoint),
	})
	if err != nil {
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.URI.String(), nil)
	if err != nil {
		return
	}
	answer, err := connections.Do(request)
	if err != nil {
		return
	}
	io.Copy(io.Discard, answer.Body) // a connection is kept only when it has been read to its end
	answer.Body.Close()
}
