package pages

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/web"
)

// In the cloud, what no function has comes to the one that tells about the API.
func TestRefuse_unknownAddresses(t *testing.T) {
	w := newWorld()
	docs := web.Handler(web.Config{}, web.Docs{Refuse: Refuse})
	for name, handler := range map[string]http.Handler{"dashboard": w.handler(), "docs": docs} {
		for path, people := range map[string]bool{
			"/nonsense": true, "/acme": true, "/acme/nonsense": true, "/acme/team/": true, "//acme": true, "/assets/app.css": true, "/docs/nonsense": true,
			"/invite/" + w.inviteToken + "/decline": true,
			"/v1/nonsense":                          false, "/api/nonsense": false,
		} {
			rec := ask(handler, path, "text/html,application/xhtml+xml,*/*;q=0.8")
			wantStatus(t, rec, http.StatusNotFound)
			if !people {
				wantProblem(t, rec)
				continue
			}
			wantText(t, rec, "<h1>Page not found</h1>", `<a class="button" href="/">`, "app.")
			if ct, csp := rec.Header().Get("Content-Type"), rec.Header().Get("Content-Security-Policy"); ct != "text/html; charset=utf-8" || csp != policy {
				t.Errorf("%s of %s came as %q with the policy %q", path, name, ct, csp)
			}
			for _, accept := range []string{"", "*/*", "application/json"} {
				rec := ask(handler, path, accept)
				if rec.Code != http.StatusMethodNotAllowed {
					wantStatus(t, rec, http.StatusNotFound)
				}
				wantProblem(t, rec)
			}
		}
	}
}

func ask(handler http.Handler, path, accept string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "http://team.test/", nil)
	r.URL.Path = path
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	rec := httptest.NewRecorder()
	handler.ServeHTTP(rec, r)
	return rec
}

func wantProblem(t *testing.T, rec *httptest.ResponseRecorder) {
	t.Helper()
	if ct := rec.Header().Get("Content-Type"); ct != "application/problem+json" || !strings.Contains(rec.Body.String(), `"code"`) {
		t.Errorf("a program is told %q: %s", ct, rec.Body)
	}
}
