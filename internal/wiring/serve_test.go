package wiring

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// Whatever path API Gateway hands over arrives whole, and nothing of it is a query.
func TestParseable(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/keys/abc":   "/v1/keys/abc",
		"/v1/keys/%20":   "/v1/keys/%20",
		"/v1/keys/%zz":   "/v1/keys/%25zz",
		"/v1/keys/a\x7f": "/v1/keys/a%7F",
		"/v1/keys/a b":   "/v1/keys/a%20b",
		"/v1/keys/a#b":   "/v1/keys/a%23b",
		"/invite/t?/x":   "/invite/t%3F/x",
		"/x?#%zz":        "/x%3F%23%25zz",
	} {
		got := parseable(path)
		if u, err := url.Parse("https://team.test" + got); got != want || err != nil || u.EscapedPath() != want {
			t.Errorf("%q became %q (%v), want %q", path, got, err, want)
		}
	}
}

// A query arrives whole, whatever is in it.
func TestEscaped_query(t *testing.T) {
	for query, want := range map[string]string{
		"a=1&a=2":      "a=1&a=2",
		"a=%zz;b?":     "a=%zz;b?",
		"a=#%zz&b= \r": "a=%23%zz&b=%20%0D",
		"a=\x7f&ä":     "a=%7F&ä",
	} {
		got := escaped(query, "#")
		if u, err := url.Parse("/?" + got); got != want || err != nil || u.RawQuery != want {
			t.Errorf("%q became %q (%v), want %q", query, got, err, want)
		}
	}
}

// A header with commas is no list of headers.
func TestBehindGateway_headersStayWhole(t *testing.T) {
	want := map[string]string{"idempotency-key": " batch-7, 1,,", "accept-encoding": "br, gzip", "user-agent": "a, b"}
	event := events.APIGatewayV2HTTPRequest{RawPath: "/", Headers: want, Cookies: []string{"a=b", "c=d"}}
	event.RequestContext.HTTP.Method = "GET"
	_, err := behindGateway(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		for name, value := range want {
			if got := r.Header.Values(name); len(got) != 1 || got[0] != value {
				t.Errorf("%s: %q", name, got)
			}
		}
		if c := r.Cookies(); len(c) != 2 {
			t.Errorf("cookies %v", c)
		}
	}))(t.Context(), event)
	if err != nil {
		t.Error(err)
	}
}

// An answer that Lambda would not take is told instead of it, and as ours to mend where it
// answers a change.
func TestBehindGateway_tooLarge(t *testing.T) {
	const lambdaTakes = 6_291_556 // of the whole answer
	for _, c := range []struct {
		method string
		fill   string
		n      int
		want   int
	}{
		{"GET", "x", 6_000_000, http.StatusTeapot},
		{"GET", "x", 6_280_000, http.StatusUnprocessableEntity},
		{"GET", "<", 6_000_000, http.StatusTeapot},
		{"GET", `"`, 3_200_000, http.StatusUnprocessableEntity},
		{"GET", "\x01", 1_050_000, http.StatusUnprocessableEntity},
		{"GET", "\u2028", 1_050_000, http.StatusUnprocessableEntity},
		{"POST", "x", 6_280_000, http.StatusInternalServerError},
	} {
		event := events.APIGatewayV2HTTPRequest{RawPath: "/"}
		event.RequestContext.HTTP.Method = c.method
		answer, err := behindGateway(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, strings.Repeat(c.fill, c.n))
		}))(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		var sent bytes.Buffer // as lambda.Start encodes it
		encoder := json.NewEncoder(&sent)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(answer); err != nil || answer.StatusCode != c.want || sent.Len() > lambdaTakes {
			t.Errorf("%s of %d %q: %d in %d bytes, %v", c.method, c.n, c.fill, answer.StatusCode, sent.Len(), err)
		}
	}
}

// FuzzBehindGateway: whatever event API Gateway hands over, the handler is asked, once, and
// answers. A caller never sees the bare 500 of a function that failed.
func FuzzBehindGateway(f *testing.F) {
	samples, err := filepath.Glob("../../events/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range samples {
		sample, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sample)
	}
	f.Add([]byte(`{"rawPath": "/%zz", "requestContext": {"http": {"method": "GET", "sourceIp": "::1"}}}`))
	f.Add([]byte(`{"rawPath": "/x?#%zz", "rawQueryString": "a=b", "requestContext": {"http": {"method": "GET"}}}`))
	f.Add([]byte(`{"rawPath": "/a#b", "requestContext": {"http": {"method": "GET"}}}`))
	f.Add([]byte(`{"requestContext": {"http": {"method": "GET", "path": "/%zz"}}}`))
	f.Add([]byte(`{"rawPath": "//x", "rawQueryString": "%zz;&=", "cookies": ["a=b", "\r\n"], "requestContext": {"http": {"method": "PUT"}}}`))
	f.Add([]byte(`{"rawPath": "/", "rawQueryString": "a=b#%zz\u0001", "requestContext": {"http": {"method": "GET"}}}`))
	f.Add([]byte(`{"rawPath": "/", "requestContext": {"domainName": "#0", "http": {"method": "GET"}}}`))
	f.Add([]byte(`{"rawPath": "", "body": "e30=", "isBase64Encoded": true, "headers": {"host": "evil.example"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var event events.APIGatewayV2HTTPRequest
		if json.Unmarshal(raw, &event) != nil || !fromGateway(event) {
			return
		}
		asked := 0
		answer, err := behindGateway(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			if event.RawQueryString != "" && r.URL.RawQuery != escaped(event.RawQueryString, "#") || r.URL.Fragment != "" {
				t.Errorf("%q and %q became %s", event.RawPath, event.RawQueryString, r.URL)
			}
			_, _ = io.Copy(io.Discard, r.Body) // a body that is cut off is the handler's to refuse
			w.WriteHeader(http.StatusTeapot)
		}))(t.Context(), event)
		if err != nil || asked != 1 || answer.StatusCode != http.StatusTeapot {
			t.Errorf("asked %d times, answered %d: %v", asked, answer.StatusCode, err)
		}
	})
}

// fromGateway reports whether API Gateway could have made the event: it encodes bodies
// itself, knows its own name, and takes no request of a method that HTTP forbids.
func fromGateway(e events.APIGatewayV2HTTPRequest) bool {
	if _, err := base64.StdEncoding.DecodeString(e.Body); e.IsBase64Encoded && err != nil {
		return false
	}
	r, err := http.NewRequest(e.RequestContext.HTTP.Method, "https://"+e.RequestContext.DomainName+"/", nil)
	return err == nil && r.URL.Host == e.RequestContext.DomainName
}
