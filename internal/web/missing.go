package web

import (
	"net/http"
	"strings"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Missing answers a request for what is not there: with a page where somebody reads it, else
// with a problem.
func (a *API) Missing(w http.ResponseWriter, r *http.Request) {
	if a.refuse != nil && inBrowser(r) {
		a.refuse(w, r, fault.ErrNotFound)
		return
	}
	WriteProblem(w, r, fault.ErrNotFound)
}

// inBrowser reports whether somebody opens an address in a browser: programs do not ask for
// HTML, and the paths of the API are for programs.
func inBrowser(r *http.Request) bool {
	for _, prefix := range []string{"/v1/", "/api/"} {
		if strings.HasPrefix(r.URL.Path, prefix) {
			return false
		}
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html")
}
