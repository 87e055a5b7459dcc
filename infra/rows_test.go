package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// rowNames are the names of the rows that pass, sorted.
func rowNames(pass func(row) bool) []string {
	var all []string
	for _, r := range rows {
		if pass(r) {
			all = append(all, r.name)
		}
	}
	slices.Sort(all)
	return all
}

func anyRow(row) bool { return true }

func wantSame(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("%s are\n%q, rows are\n%q", what, got, want)
	}
}

// One word names the folder, the row, the catalog's entry and the sample event.
func TestRows_areTheFunctions(t *testing.T) {
	var folders, events []string
	mains, err := filepath.Glob("../functions/*/main.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, main := range mains {
		folders = append(folders, filepath.Base(filepath.Dir(main)))
	}
	wantSame(t, "folders", folders, rowNames(anyRow))
	samples, err := filepath.Glob("../events/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		events = append(events, strings.TrimSuffix(filepath.Base(sample), ".json"))
	}
	wantSame(t, "sample events", events, rowNames(anyRow))
	answering := []string{"docs"}
	for _, f := range catalog.Functions() {
		answering = append(answering, f.Name)
	}
	wantSame(t, "functions of the catalog", answering, rowNames(func(r row) bool { return r.on == requests }))
}

// A function that sends no mail, or shows no page, does not link what does: it would make
// its variables at every cold start.
func TestRows_linkWhatTheyUse(t *testing.T) {
	const module = "github.com/nemorouter/nemo-team/"
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Deps}}", "../functions/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]string{}
	for line := range strings.Lines(string(out)) {
		function, deps, _ := strings.Cut(strings.TrimPrefix(line, module+"functions/"), " ")
		links[function] = strings.Trim(deps, "[]\n") + " "
	}
	for _, r := range rows {
		for linked, used := range map[string]bool{
			"github.com/aws/aws-sdk-go-v2/service/ses": slices.Contains(r.env, "NEMO_MAIL_FROM"),
			module + "internal/pages":                  r.name == "dashboard" || r.name == "docs",
		} {
			if got := strings.Contains(links[r.name], linked+" "); got != used {
				t.Errorf("%s links %s: %t, want %t", r.name, linked, got, used)
			}
		}
	}
}

func TestRows_nameWhatThereIs(t *testing.T) {
	variables := map[string]wiring.Variable{}
	for _, v := range wiring.Variables {
		variables[v.Name] = v
	}
	indexes := map[string]bool{}
	for _, i := range store.Indexes() {
		indexes[i.Name] = true
	}
	for _, r := range rows {
		for _, name := range r.env {
			if _, ok := variables[name]; !ok {
				t.Errorf("%s: there is no variable %s", r.name, name)
			}
		}
		for _, name := range r.indexes {
			if !indexes[name] {
				t.Errorf("%s: there is no index %s", r.name, name)
			}
		}
		if r.memory < 128 || r.timeout <= 0 {
			t.Errorf("%s: %d MiB, %v", r.name, r.memory, r.timeout)
		}
	}
}

// What a function cannot do without, it has; what nobody set, it does not have.
func TestRows_variablesAreSet(t *testing.T) {
	defaults := map[string]bool{}
	for _, v := range wiring.Variables {
		defaults[v.Name] = v.Default != ""
	}
	for _, r := range rows {
		env, _ := prod.function(t, r.name).Properties["Environment"].(map[string]any)
		values, _ := env["Variables"].(map[string]any)
		for _, name := range r.env {
			if values[name] == nil && !defaults[name] {
				t.Errorf("%s: %s is not set", r.name, name)
			}
		}
		for name := range values {
			if !slices.Contains(r.env, name) {
				t.Errorf("%s: %s is set, and not in the row", r.name, name)
			}
		}
	}
	invite := full.function(t, "invite").Properties["Environment"].(map[string]any)["Variables"].(map[string]any)
	if invite["NEMO_INVITATION_TTL"] != "72h" {
		t.Errorf("invite has %v", invite)
	}
}

// Every operation of the document has one route and one function, and every route to an
// operation is in the document.
func TestRoutes_areTheOperations(t *testing.T) {
	whole := web.NewAPI(web.Config{})
	for _, part := range append(catalog.Parts(), web.Docs{Parts: catalog.Parts()}) {
		part.Mount(whole)
	}
	documented := map[string]int{}
	for path, item := range whole.OpenAPI().Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
			http.MethodPatch: item.Patch, http.MethodDelete: item.Delete, http.MethodHead: item.Head,
		} {
			if op != nil {
				documented[method+" "+path]++
			}
		}
	}
	routed := map[string]int{}
	for _, routes := range routesOf() {
		for _, r := range routes {
			if r.Operation != "" {
				routed[routeKey(r)]++
			}
		}
	}
	for key := range documented {
		if routed[key] != 1 {
			t.Errorf("%s is routed %d times", key, routed[key])
		}
	}
	for key, n := range routed {
		if documented[key] != 1 {
			t.Errorf("%s is routed %d times, and not in the document", key, n)
		}
	}
	if len(documented) < 30 {
		t.Errorf("the document has only %d operations", len(documented))
	}
}

// The template's routes are those that the parts mount, each to its own function.
func TestRoutes_leadToTheirFunctions(t *testing.T) {
	functionOf := map[string]string{}
	for name, routes := range routesOf() {
		for _, r := range routes {
			key := routeKey(r)
			if functionOf[key] != "" {
				t.Errorf("%s belongs to %s and %s", key, functionOf[key], name)
			}
			functionOf[key] = name
		}
	}
	functionOf[fallbackKey] = fallback
	found := 0
	for id, r := range prod.ofType("AWS::ApiGatewayV2::Route") {
		found++
		key := r.Properties["RouteKey"].(string)
		if want := functionOf[key]; want == "" || !strings.Contains(flat(r.Properties["Target"]), want+"Integration") {
			t.Errorf("%s: %s leads to %s, want %q", id, key, flat(r.Properties["Target"]), want)
		}
	}
	if found != len(functionOf) {
		t.Errorf("%d routes, want %d", found, len(functionOf))
	}
}

func TestRouteKey(t *testing.T) {
	for pattern, want := range map[web.Route]string{
		{Method: "GET", Path: "/{$}"}:            "GET /",
		{Method: "GET", Path: "/v1/teams/{id}"}:  "GET /v1/teams/{id}",
		{Method: "GET", Path: "/docs/{path...}"}: "GET /docs/{path+}",
		{Method: "HEAD", Path: "/signin"}:        "HEAD /signin",
		{Path: "/anything"}:                      "ANY /anything",
	} {
		if got := routeKey(pattern); got != want {
			t.Errorf("%v is %q, want %q", pattern, got, want)
		}
	}
}

func TestCheckBuilt(t *testing.T) {
	dist := t.TempDir()
	if err := checkBuilt(dist); err == nil || len(strings.Split(err.Error(), "\n")) != len(rows) {
		t.Errorf("got %v", err)
	}
	placeBinaries(dist)
	if err := checkBuilt(dist); err != nil {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dist, "invite", "bootstrap")); err != nil {
		t.Fatal(err)
	}
	if err := checkBuilt(dist); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}
