package functions_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

const samples = "../events"

// readSample returns a sample event as it lies in its file.
func readSample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(samples, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// isRequest reports whether the event is one of an HTTP API's.
func isRequest(event []byte) bool { return bytes.Contains(event, []byte(`"rawPath"`)) }

// event is a request as API Gateway hands it to a function.
type event struct{ events.APIGatewayV2HTTPRequest }

// sample returns a sample request. It must have no fields that the format has not.
func sample(t testing.TB, name string) event {
	t.Helper()
	var e event
	d := json.NewDecoder(bytes.NewReader(readSample(t, name)))
	d.DisallowUnknownFields()
	if err := d.Decode(&e.APIGatewayV2HTTPRequest); err != nil {
		t.Fatalf("%s is no event of an HTTP API: %v", name, err)
	}
	return e
}

// request returns a request in the likeness of a sample, without credentials.
func request(t testing.TB, method, path string) event {
	t.Helper()
	e := sample(t, "docs")
	path, e.RawQueryString, _ = strings.Cut(path, "?")
	e.RawPath, e.RouteKey = path, method+" "+path
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path, e.RequestContext.RouteKey = method, path, e.RouteKey
	if query, err := url.ParseQuery(e.RawQueryString); err == nil && len(query) > 0 {
		e.QueryStringParameters = map[string]string{}
		for name, values := range query {
			e.QueryStringParameters[name] = strings.Join(values, ",")
		}
	}
	return e
}

func (e event) json(t testing.TB, body any) event {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	e.Body, e.Headers["content-type"] = string(b), "application/json"
	return e
}

func (e event) bearing(token string) event {
	e.Headers["authorization"] = "Bearer " + token
	return e
}

func (e event) withCookies(cookies ...string) event {
	e.Cookies = cookies
	return e
}

// answer is what API Gateway gets back.
type answer struct {
	events.APIGatewayV2HTTPResponse
	logs []byte
}

func (e event) call(t testing.TB, function string, env ...string) answer {
	t.Helper()
	b, err := json.Marshal(e.APIGatewayV2HTTPRequest)
	if err != nil {
		t.Fatal(err)
	}
	return send(t, function, b, env...)
}

func send(t testing.TB, function string, event []byte, env ...string) answer {
	t.Helper()
	r := invoke(t, function, event, env...)
	if r.Error != nil {
		t.Fatalf("%s failed: %s\n%s", function, r.Error, r.Logs)
	}
	a := answer{logs: r.Logs}
	if err := json.Unmarshal(r.Answer, &a.APIGatewayV2HTTPResponse); err != nil {
		t.Fatalf("%s: %v in %s", function, err, r.Answer)
	}
	return a
}

func (a answer) want(t testing.TB, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d: %s\n%s", a.StatusCode, status, a.Body, a.logs)
	}
	return a
}

// field returns a value of the answer's JSON.
func field[T any](t testing.TB, a answer, path ...string) T {
	t.Helper()
	var at any
	if err := json.Unmarshal([]byte(a.Body), &at); err != nil {
		t.Fatalf("%v in %q", err, a.Body)
	}
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	value, ok := at.(T)
	if !ok {
		t.Fatalf("%s is %v in %s", strings.Join(path, "."), at, a.Body)
	}
	return value
}
