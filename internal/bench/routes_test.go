package bench_test

import (
	"net/http"
	"testing"

	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/web"
)

// A route that nobody measures fails here: its price is unknown. HEAD is GET without a body.
func TestRoutes_allAreMeasured(t *testing.T) {
	measured := map[string]bool{}
	for _, op := range operations() {
		measured[routeOf(op.name)] = true
	}
	api := web.NewAPI(web.Config{})
	for _, part := range append(catalog.Parts(), web.Docs{}) {
		part.Mount(api)
	}
	for _, r := range api.Routes() {
		if name := r.Method + " " + r.Path; r.Method != http.MethodHead && !measured[name] {
			t.Errorf("%s is served, and nothing says what it costs: add an operation", name)
		}
	}
}

// Figures are held by their operation's name.
func TestOperations_haveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range operations() {
		if seen[op.name] {
			t.Errorf("two operations are called %s", op.name)
		}
		seen[op.name] = true
	}
}
