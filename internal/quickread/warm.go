package quickread

import (
	"context"
	"io"
	"net/http"
)

// Warm opens a connection, so that the first read need not wait for names and handshakes.
// It asks for nothing that would need a grant: the root of the endpoint only says that it
// is well. Failing costs nothing.
func (c *Client) Warm(ctx context.Context) {
	if c.broken != nil {
		return
	}
	request := (&http.Request{Method: http.MethodGet, URL: c.endpoint, Host: c.endpoint.Host, Header: http.Header{}}).WithContext(ctx)
	answer, err := c.options.HTTPClient.Do(request)
	if err != nil {
		return
	}
	io.Copy(io.Discard, answer.Body) // a connection is kept only when it has been read to its end
	answer.Body.Close()
}
