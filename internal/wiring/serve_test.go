package wiring

import (
	"net/url"
	"testing"
)

// Whatever path API Gateway hands over, the adapter can parse it.
func TestParseable(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/keys/abc":   "/v1/keys/abc",
		"/v1/keys/%20":   "/v1/keys/%20",
		"/v1/keys/%zz":   "/v1/keys/%25zz",
		"/v1/keys/a\x7f": "/v1/keys/a%7F",
	} {
		got := parseable(path)
		if _, err := url.ParseRequestURI(got); got != want || err != nil {
			t.Errorf("%q became %q (%v), want %q", path, got, err, want)
		}
	}
}
