package fuzz

import (
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/prove"
)

const (
	each    = 30 * time.Second
	atOnce  = 4
	timeout = "5m" // with compiling
)

var executions = regexp.MustCompile(`execs: (\d+)`)

// Every decoder has a fuzz target with seeds. The suite runs the seeds; the long form goes
// on from there.
func TestFuzz(t *testing.T) {
	all, err := targets("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range unfuzzed(all) {
		t.Errorf("nothing fuzzes %s", missing)
	}
	for _, one := range all {
		if !one.seeded {
			t.Errorf("%s in %s has no seeds", one.name, one.dir)
		}
	}
	if !prove.Long() {
		return
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	slots, total := make(chan struct{}, atOnce), 0
	for _, one := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			n := run(t, one)
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	wg.Wait()
	prove.Count(t, len(all), "fuzz targets")
	prove.Count(t, total, "fuzz executions")
}

// run fuzzes one target and returns how often it was executed.
func run(t *testing.T, one target) int {
	only := "^" + one.name + "$"
	cmd := exec.Command("go", "test", "-run", only, "-fuzz", only, "-fuzztime", each.String(), "-parallel", "1", "-timeout", timeout, ".")
	cmd.Dir, cmd.Env = one.dir, prove.ShortForm()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s in %s: %v\n%s", one.name, one.dir, err, out)
	}
	found := executions.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		t.Errorf("%s was not executed: %s", one.name, out)
		return 0
	}
	n, err := strconv.Atoi(string(found[len(found)-1][1]))
	if err != nil {
		t.Error(err)
	}
	return n
}
