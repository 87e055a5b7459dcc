package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

const sample = `date: 2026-11-23
cpu: a fast one
BenchmarkOperation/GET_/v1/spend?group_by=day_x-2   1   3.000 RCU   2.000 trips   400.0 answer-B   10.00 cpu-ms
BenchmarkOperation/GET_/v1/me-2   1   3.000 RCU   1.000 trips
BenchmarkOperation/GET_/v1/me-2   1   5.000 RCU   1.000 trips
BenchmarkOperation/GET_/v1/me-2   1   4.000 RCU   1.000 trips
BenchmarkGrowth/members=10/GET_/v1/<keys>-2   1   3.000 RCU   2.000 trips
BenchmarkGrowth/members=1000/GET_/v1/<keys>-2   1   9.000 RCU   2.000 trips
PASS
`

// Names come back as they were written, and samples become medians.
func TestParse(t *testing.T) {
	r, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	lines := r.of("Operation")
	if len(lines) != 2 || lines[0].name != "GET /v1/spend?group_by=day_x" || lines[1].figures["RCU"] != 4 {
		t.Errorf("%+v", lines)
	}
	if len(r.about) != 2 {
		t.Errorf("%q", r.about)
	}
}

// A table with holes would be read as a good one.
func TestParse_refusesFailures(t *testing.T) {
	if _, err := parse(sample + "--- FAIL: BenchmarkOperation/GET_/v1/me\n"); err == nil {
		t.Error("a failed run is reported")
	}
}

// The sizes of an org stand beside each other.
func TestGrowth(t *testing.T) {
	r, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := print(&b, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "RCU@10") || !strings.Contains(b.String(), "RCU@1k") {
		t.Error(b.String())
	}
}

// whole is a line of each benchmark, with all that it measures.
const whole = `BenchmarkOperation/POST_/v1/keys/verify_(4_budgets,_known)-2   1   0 ns/op   2.000 trips   8.100 RCU   3.000 WCU   4.000 calls   5.000 actions   777.0 answer-B   6.000 mails   761.0 allocs   0.1200 cpu-ms   0.3400 ours-ms   1.230 ms-median-1   4.560 ms-p90-1   7.890 ms-median-16   9.870 ms-p90-16
BenchmarkOperation/sweep_(nothing_due)-2   1   0 ns/op   4.000 trips
BenchmarkVerify/keys=100-2   1   0 ns/op   2.000 trips   4.000 RCU   0 WCU   147.0 allocs   51.00 cpu-µs   148.0 allocs-16   52.00 cpu-µs-16   53.00 µs-16   3.210 ms-median-1   4.560 ms-p90-1   191.0 answer-B
BenchmarkSpend/keys=20-2   1   0 ns/op   2048 events/s   33.00 %own-cpu   2.080 WCU/event   3.000 trips/batch
BenchmarkGrowth/members=1000/GET_/{org}/spend-2   1   0 ns/op   3.000 trips   91.50 RCU   0 WCU   4096 answer-B   6.540 ms-median-1   7.000 ms-p90-1
BenchmarkStart/verify-2   1   0 ns/op   4.250 MiB-zip   786.0 faults   17.30 ms-poll   15.10 ms-poll-min   29.90 ms-poll-max   1.920 ×empty-poll   11.20 cpu-ms-poll   10.10 cpu-ms-poll-min   14.40 cpu-ms-poll-max   1.810 ×empty-cpu   31.70 ms-answer   28.80 ms-answer-min   55.50 ms-answer-max
BenchmarkMemory/reports_(file_of_1000_entries)-2   1   0 ns/op   43.00 MiB-peak
`

// Each table shows what was measured for it, by its operation's name.
func TestPrint_showsAll(t *testing.T) {
	r, err := parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := print(&b, r); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"POST /v1/keys/verify (4 budgets, known)": "2 8.1 3 4 5 777 6 761 605.81 0.12 0.34 1.2 4.6 7.9 9.9",
		"sweep (nothing due)":                     "4 – – – – – – – 0.31 – – – – – –",
		"keys=100":                                "2 4.0 0 147 51 148 52 53 3.2",
		"keys=20":                                 "3 2.08 2048 33",
		"GET /{org}/spend":                        "3 91.5 0 6.5",
		"verify":                                  "4.25 786 1.81 1.92 11.2 10.1–14.4 17.3 15.1–29.9 31.7 28.8–55.5",
		"reports (file of 1000 entries)":          "43",
	} {
		if got := rowOf(b.String(), name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// rowOf are the figures before a name.
func rowOf(printed, name string) string {
	for line := range strings.Lines(printed) {
		if figures, found := strings.CutSuffix(strings.TrimSpace(line), "  "+name); found {
			return strings.Join(strings.Fields(figures), " ")
		}
	}
	return "nothing"
}

// What callers chose cannot break the chart.
func TestChart_isXML(t *testing.T) {
	r, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(chart(r))); ; {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// A read of 4 units over one round trip, by hand.
func TestPerMillion(t *testing.T) {
	l := line{name: "GET /v1/me", figures: map[string]float64{"RCU": 4, "trips": 1}}
	want := 4*0.125 + 1.00 + 0.20 + 0.004*0.5*13.3334
	if got := perMillion(l); got < want-1e-9 || got > want+1e-9 {
		t.Errorf("%g, want %g", got, want)
	}
}
