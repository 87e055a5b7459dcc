package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/setup"
)

// axe is Deque's accessibility checker, https://github.com/dequelabs/axe-core.
var axe = setup.Package{
	Name:      "axe-core@4.14.1",
	Integrity: "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
	Folder:    "package",
	Home:      "axe-core-4.14.1",
	Title:     "axe-core (0.7 MB)",
}

// axeSource is axe as a script. It is evaluated by the browser's tools, which the
// Content-Security-Policy of a page does not bind, so pages are checked as they are served.
var axeSource = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	home, err := setup.Fetch(ctx, axe, os.Stderr)
	if err != nil {
		return "", err
	}
	source, err := os.ReadFile(filepath.Join(home, "axe.min.js"))
	return string(source), err
})

// violation is one rule that a page breaks.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// runAxe evaluates to what is wrong, by all rules or by those listed. Axe must load
// nothing itself.
const runAxe = `axe.run({
  preload: false, resultTypes: ["violations"],
  runOnly: %s.length ? {type: "rule", values: %[1]s} : undefined,
}).then((r) => r.violations)`

// isAccessible fails the test for each rule of axe, or each of those named, that the page
// breaks.
func (p *person) isAccessible(page string, rules ...string) {
	p.Helper()
	for _, v := range p.violations(rules...) {
		p.Errorf("%s: %s (%s, %s)", page, v.Help, v.ID, v.Impact)
		for _, n := range v.Nodes {
			p.Logf("%s\n%s", n.HTML, n.FailureSummary)
		}
	}
}

func (p *person) violations(rules ...string) []violation {
	p.Helper()
	source, err := axeSource()
	if err != nil {
		p.Fatal(err)
	}
	if !ask[bool](p, `typeof axe === "object"`) {
		ask[bool](p, source+"\n;true")
	}
	list := "[]"
	if len(rules) > 0 {
		list = `["` + strings.Join(rules, `","`) + `"]`
	}
	return ask[[]violation](p, fmt.Sprintf(runAxe, list))
}

// A checker that finds nothing wrong must be known to look.
func TestAxe_finds(t *testing.T) {
	p := newPerson(t, "nobody@checks.example")
	p.opens("/signin")
	if found := p.violations(); len(found) > 0 {
		t.Errorf("the page as it is: %v", found)
	}
	ask[bool](p, `document.querySelector("label").remove(), document.querySelector("button").style.color = "#aaa", true`)
	var ids []string
	for _, v := range p.violations() {
		ids = append(ids, v.ID)
	}
	if got := strings.Join(ids, " "); got != "color-contrast label-title-only label" {
		t.Errorf("found %q", got)
	}
}
