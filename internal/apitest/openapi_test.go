package apitest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// The document says of each operation what a client's generator needs.
func TestOpenAPI_describesEveryOperation(t *testing.T) {
	w := apitest.New(t)
	if v := w.Stranger().Do("GET", "/openapi.json", nil).Want(200).Get("openapi"); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("it is OpenAPI %s", v)
	}
	known := map[string]bool{"": true}
	for _, g := range authz.Table {
		known[string(g.Permission)] = true
	}
	ids := map[string]string{}
	for call, op := range documented(w) {
		if twin, taken := ids[op.OperationID]; taken || op.OperationID == "" {
			t.Errorf("%s and %s are both called %q", call, twin, op.OperationID)
		}
		ids[op.OperationID] = call
		if op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s has the summary %q and the tags %q", call, op.Summary, op.Tags)
		}
		if !known[op.Permission] {
			t.Errorf("%s needs %s, which nobody can hold", call, op.Permission)
		}
		if _, told := op.Responses["default"]; !told && len(op.Responses) < 2 {
			t.Errorf("%s does not tell of errors", call)
		}
	}
}

// What the document says of credentials is what the routes ask for.
func TestOpenAPI_tellsWhoIsAsked(t *testing.T) {
	ops := documented(apitest.New(t))
	for _, d := range decisions {
		var schemes []string
		for _, s := range ops[d.call].Security {
			schemes = append(schemes, keysOf(s)...)
		}
		want := map[audience][]string{members: {"bearer", "cookie"}, public: nil, gateway: {"gateway"}}[d.audience]
		if !slices.Equal(sorted(schemes), want) {
			t.Errorf("%s asks for %q, want %q", d.call, schemes, want)
		}
	}
}

// The first status of each decision is one that the document promises.
func TestOpenAPI_promisesTheAnswersThatComeBack(t *testing.T) {
	ops := documented(apitest.New(t))
	for _, d := range decisions {
		if _, promised := ops[d.call].Responses[fmt.Sprint(d.owner)]; !promised && d.owner < 400 {
			t.Errorf("%s answers %d, and promises %v", d.call, d.owner, ops[d.call].Responses)
		}
	}
}

// JSON and YAML tell of the same operations.
func TestOpenAPI_yamlIsTheSame(t *testing.T) {
	w := apitest.New(t)
	var inJSON, inYAML []string
	for _, op := range documented(w) {
		inJSON = append(inJSON, op.OperationID)
	}
	page := w.Stranger().Do("GET", "/openapi.yaml", nil).Want(200).Body
	for _, found := range regexp.MustCompile(`operationId: (\S+)`).FindAllSubmatch(page, -1) {
		inYAML = append(inYAML, string(found[1]))
	}
	if !slices.Equal(sorted(inJSON), sorted(inYAML)) {
		t.Errorf("%q\n%q", sorted(inJSON), sorted(inYAML))
	}
}

// The docs page loads nothing from elsewhere and explains every code that a caller may see.
func TestOpenAPI_docsPage(t *testing.T) {
	r := apitest.New(t).Stranger().Do("GET", "/docs", nil).Want(200)
	page := string(r.Body)
	if found := regexp.MustCompile(`(?i)(src|<link[^>]+href)\s*=\s*["']?(https?:)?//[^"'> ]*`).FindAllString(page, -1); found != nil {
		t.Errorf("the page loads %q", found)
	}
	for _, e := range fault.All() {
		if !strings.Contains(page, `id="`+e.Code+`"`) {
			t.Errorf("%s leads nowhere: /docs#%s", e.Code, e.Code)
		}
	}
}
