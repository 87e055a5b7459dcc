package bench_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

var update = flag.Bool("update", false, "write what is measured into testdata/costs.txt")

const costsFile = "testdata/costs.txt"

const costsHead = `# What operations cost on any machine. Round trips are those that wait for each other; read
# and write units are those of the table and its indexes; actions are those in transactions;
# bytes are those of the answer; allocations are our own code's, with the SDK's. TestCosts fails
# when one gets worse. To accept what is measured:
#
#	go test ./internal/bench -run TestCosts -update
#
`

// figure is one that the file holds. It may grow by a share, and by a few.
type figure struct {
	title string
	of    func(*cost) *float64
	share float64
	few   float64
}

// figures are the columns of the file. Of many round trips a few more may wait for each
// other; how many reads and transactions a sweep needs depends on how its invitations spread
// over shards; ids and times are not always as long, and compress in their own way; maps grow
// when they like, and Go's next version may do something in another way.
var figures = [...]figure{
	{"trips", func(c *cost) *float64 { return &c.trips }, 0.1, 0},
	{"RCU", func(c *cost) *float64 { return &c.rcu }, 0.025, 0},
	{"WCU", func(c *cost) *float64 { return &c.wcu }, 0.01, 0},
	{"actions", func(c *cost) *float64 { return &c.actions }, 0.01, 0},
	{"bytes", func(c *cost) *float64 { return &c.bytes }, 0.02, 16},
	{"mails", func(c *cost) *float64 { return &c.mails }, 0, 0},
	{"allocations", func(c *cost) *float64 { return &c.allocs }, 0.05, 5},
}

// most is what a figure may be that was so.
func (f figure) most(was float64) float64 { return was + math.Floor(was*f.share) + f.few }

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
	c.allocs, c.mails = math.Round(o.allocs), float64(o.mails)
	return c
}

// within reports whether nothing in c is worse than in was.
func (c cost) within(was cost) bool {
	for _, f := range figures {
		if *f.of(&c) > f.most(*f.of(&was)) {
			return false
		}
	}
	return true
}

// Each figure may grow as far as it says, and no further.
func TestCosts_noneGrowsUnseen(t *testing.T) {
	for _, f := range figures {
		var was cost
		*f.of(&was) = 1000
		is := was
		if *f.of(&is) = f.most(1000); !is.within(was) {
			t.Errorf("%s: %g is too much for %g", f.title, *f.of(&is), *f.of(&was))
		}
		if *f.of(&is)++; is.within(was) {
			t.Errorf("%s: %g is nothing worse than %g", f.title, *f.of(&is), *f.of(&was))
		}
	}
}

func difference(was, is cost) string {
	var b strings.Builder
	for _, f := range figures {
		if was, is := *f.of(&was), *f.of(&is); was != is {
			fmt.Fprintf(&b, "  %-12s %8g was %g\n", f.title, is, was)
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
		columns := strings.Fields(numbers)
		if len(columns) != len(figures) {
			t.Fatalf("%s: %q has %d figures, not %d", costsFile, line, len(columns), len(figures))
		}
		for i, f := range figures {
			if *f.of(&c), err = strconv.ParseFloat(columns[i], 64); err != nil {
				t.Fatalf("%s: %q: %v", costsFile, line, err)
			}
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
	fmt.Fprint(columns, "# ")
	for _, f := range figures {
		fmt.Fprint(columns, f.title, "\t")
	}
	fmt.Fprintln(columns)
	for _, op := range operations() {
		if c, measured := costs[op.name]; measured {
			for _, f := range figures {
				fmt.Fprint(columns, strconv.FormatFloat(*f.of(&c), 'f', -1, 64), "\t")
			}
			fmt.Fprintf(columns, "  |  %s\n", op.name)
		}
	}
	if err := columns.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(costsFile, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
