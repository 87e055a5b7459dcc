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
