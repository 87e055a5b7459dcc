package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

// Route is one way in: a method, and a path in the form of net/http's patterns.
type Route struct {
	Method, Path string
	Operation    string // its id in the API's document; empty for a page
}

// Routes returns all that is mounted, in the order of paths, then methods. The deployment
// makes its routes from them.
func (a *API) Routes() []Route {
	var routes []Route
	for _, op := range a.operations {
		routes = append(routes, Route{op.Method, op.Path, op.OperationID})
	}
	for _, pattern := range a.pages {
		method, path, _ := strings.Cut(pattern, " ")
		routes = append(routes, Route{Method: method, Path: path})
		if method == http.MethodGet { // net/http answers both, and mail scanners ask for both
			routes = append(routes, Route{Method: http.MethodHead, Path: path})
		}
	}
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return routes
}
