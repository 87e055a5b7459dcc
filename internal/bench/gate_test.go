package bench_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

var update = flag.Bool("update", false, "write what is measured into testdata/costs.txt")

const costsFile = "testdata/costs.txt"

const costsHead = `# What operations cost on any machine. Round trips are those that wait for each other; read
# and write units are those of the table and its indexes; allocations are our own code's, with
# the SDK's. TestCosts fails when one gets worse. To accept what is measured:
#
#	go test ./internal/bench -run TestCosts -update
#
`

// tolerance is by how much allocations may grow: maps grow when they like, and Go's next
// version may do something in another way. The others are what else may: of many round trips
// a few more may wait for each other; how many reads and transactions a sweep needs depends
// on how its invitations spread over shards.
const (
	tolerance  = 0.05
	tripSlack  = 10  // one in ten
	readSlack  = 40  // one in forty
	writeSlack = 100 // one in a hundred
)

// pauses are those of the tries that an operation is given before it counts as worse: the
// busier a machine is, the longer it takes to send what goes at the same time.
var pauses = [...]time.Duration{pause, 4 * pause, 16 * pause}

// TestCosts fails when an operation costs more than testdata/costs.txt says.
func TestCosts(t *testing.T) {
	held := readCosts(t)
	measured := maps.Clone(held)
	for _, op := range operations() {
		t.Run(op.name, func(t *testing.T) {
			was, known := held[op.name]
			var is cost
			for _, pause := range pauses {
				is = measure(t, op, pause)
				measured[op.name] = is
				if *update || known && is.within(was) {
					return
				}
			}
			t.Errorf("it costs more than %s says:\n%s", costsFile, difference(was, is))
		})
	}
	if *update && !t.Failed() {
		writeCosts(t, measured)
	}
}

func measure(t testing.TB, op operation, pause time.Duration) cost {
	t.Helper()
	s := newStage(t, op)
	c, err := costOf(s, op.prepare(s), pause)
	if err != nil {
		t.Fatal(err)
	}
	n := 20
	if op.large {
		n = 2
	}
	o, err := oursOf(s, op.prepare(s), n)
	if err != nil {
		t.Fatal(err)
	}
	c.allocs, c.mails = math.Round(o.allocs), o.mails
	return c
}

// within reports whether nothing in c is worse than in was.
func (c cost) within(was cost) bool {
	return c.trips <= was.trips+was.trips/tripSlack && c.rcu <= was.rcu+math.Floor(was.rcu/readSlack) &&
		c.wcu <= was.wcu+math.Floor(was.wcu/writeSlack) && c.allocs <= was.allocs*(1+tolerance)+5
}

func difference(was, is cost) string {
	var b strings.Builder
	for _, f := range []struct {
		what    string
		was, is float64
	}{
		{"round trips", float64(was.trips), float64(is.trips)}, {"read units", was.rcu, is.rcu},
		{"write units", was.wcu, is.wcu}, {"allocations", was.allocs, is.allocs},
	} {
		if f.was != f.is {
			fmt.Fprintf(&b, "  %-12s %8g was %g\n", f.what, f.is, f.was)
		}
	}
	return b.String() + "If that is meant: go test ./internal/bench -run TestCosts -update"
}

func readCosts(t *testing.T) map[string]cost {
	t.Helper()
	content, err := os.ReadFile(costsFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	costs := map[string]cost{}
	for line := range strings.Lines(string(content)) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		var c cost
		numbers, name, _ := strings.Cut(strings.TrimSpace(line), "  |  ")
		if _, err := fmt.Sscan(numbers, &c.trips, &c.rcu, &c.wcu, &c.allocs); err != nil {
			t.Fatalf("%s: %q: %v", costsFile, line, err)
		}
		costs[name] = c
	}
	return costs
}

func writeCosts(t *testing.T, costs map[string]cost) {
	t.Helper()
	var b bytes.Buffer
	b.WriteString(costsHead)
	columns := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(columns, "# trips\tRCU\tWCU\tallocations\t")
	for _, op := range operations() {
		if c, measured := costs[op.name]; measured {
			fmt.Fprintf(columns, "%d\t%g\t%g\t%.0f\t  |  %s\n", c.trips, c.rcu, c.wcu, c.allocs, op.name)
		}
	}
	if err := columns.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(costsFile, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
