package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/web"
)

// What no route takes is refused as a problem document too, however it is spelled.
func TestHandler_explainsWhatItDoesNotServe(t *testing.T) {
	handler := web.Handler(web.Config{}, web.Docs{})
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/v1/nonsense", 404, "not_found"},
		{"GET", "//v1/nonsense", 404, "not_found"},
		{"GET", "/v1/../nonsense", 404, "not_found"},
		{"POST", "/v1/health", 405, "method_not_allowed"},
	} {
		r := httptest.NewRequest(c.method, "http://team.acme.example/", nil)
		r.URL.Path = c.path
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if rec.Code != c.status || !strings.Contains(rec.Body.String(), `"code":"`+c.code+`"`) ||
			rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", c.method, c.path, rec.Code, rec.Body)
		}
		if allow := rec.Header().Get("Allow"); (c.status == http.StatusMethodNotAllowed) != (allow != "") {
			t.Errorf("%s %s: Allow %q", c.method, c.path, allow)
		}
	}
}
