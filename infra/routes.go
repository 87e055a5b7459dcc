package main

import (
	"strings"

	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/web"
)

// routesOf returns the routes of every function that answers requests, by its name: what
// its part mounts, and nothing written down a second time.
func routesOf() map[string][]web.Route {
	routes := map[string][]web.Route{"docs": mounted(web.Docs{Parts: catalog.Parts()})}
	for _, f := range catalog.Functions() {
		routes[f.Name] = mounted(f.Part)
	}
	return routes
}

func mounted(part web.Mounter) []web.Route {
	api := web.NewAPI(web.Config{})
	part.Mount(api)
	return api.Routes()
}

// fallback is the function that gets what has no route: it touches nothing, and answers
// programs with a problem document, as the API does everywhere, and people with a page.
const (
	fallback    = "docs"
	fallbackKey = "$default"
)

// routeKey is the route in API Gateway's form.
func routeKey(r web.Route) string {
	path := strings.TrimSuffix(r.Path, "{$}") // net/http: this path alone; API Gateway means that anyway
	path = strings.ReplaceAll(path, "...}", "+}")
	if r.Method == "" {
		return "ANY " + path
	}
	return r.Method + " " + path
}
