package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// column is a figure of the table.
type column struct {
	title  string
	unit   string
	digits int
	of     func(line) float64 // instead of a unit
}

// counted are the figures that no machine changes, but for times: those come last.
var operationColumns = []column{
	{title: "trips", unit: "trips"}, {title: "RCU", unit: "RCU", digits: 1}, {title: "WCU", unit: "WCU"},
	{title: "calls", unit: "calls"}, {title: "actions", unit: "actions"}, {title: "bytes", unit: "answer-B"},
	{title: "mails", unit: "mails"}, {title: "allocs", unit: "allocs/op"},
	{title: "$/million", digits: 2, of: perMillion},
	{title: "CPU ms", unit: "cpu-ms/op", digits: 2},
	{title: "1 client ms", unit: "ms-median-1", digits: 1}, {title: "p90", unit: "ms-p90-1", digits: 1},
	{title: "16 clients ms", unit: "ms-median-16", digits: 1}, {title: "p90", unit: "ms-p90-16", digits: 1},
}

var growthColumns = []column{
	{title: "trips", unit: "trips"}, {title: "RCU", unit: "RCU", digits: 1}, {title: "WCU", unit: "WCU"},
	{title: "bytes", unit: "answer-B"}, {title: "ms", unit: "ms-median-1", digits: 1}, {title: "p90", unit: "ms-p90-1", digits: 1},
}

var startColumns = []column{
	{title: "zip MiB", unit: "MiB-zip", digits: 2}, {title: "× empty", unit: "×empty", digits: 2},
	{title: "first poll ms", unit: "ms-poll", digits: 2}, {title: "p90", unit: "ms-poll-p90", digits: 2},
	{title: "first answer ms", unit: "ms-answer", digits: 1}, {title: "p90", unit: "ms-answer-p90", digits: 1},
}

var memoryColumns = []column{{title: "peak MiB", unit: "MiB-peak", digits: 1}, {title: "of MiB", unit: "MiB-limit"}}

// print writes the whole report.
func print(to io.Writer, r results) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, a := range r.about {
		if !strings.HasPrefix(a, "pkg:") {
			fmt.Fprintln(to, a)
		}
	}
	for _, t := range []struct {
		title, benchmark string
		columns          []column
	}{
		{"Operations. Times are medians on DynamoDB Local; CPU is our own, without the engine", "Operation", operationColumns},
		{"Growth: the same at 10, 1,000 and 100,000 members", "Growth", growthColumns},
		{"Cold start, beside a function that does nothing", "Start", startColumns},
		{"Memory: the peak of each function under its worst request", "Memory", memoryColumns},
	} {
		lines := r.of(t.benchmark)
		if len(lines) == 0 {
			continue
		}
		fmt.Fprintf(to, "\n%s\n\n", t.title)
		for _, c := range t.columns {
			fmt.Fprint(w, c.title, "\t")
		}
		fmt.Fprintln(w)
		for _, l := range lines {
			for _, c := range t.columns {
				fmt.Fprint(w, c.text(l), "\t")
			}
			fmt.Fprintln(w, "  "+l.name)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// text is a figure, or a dash where there is none.
func (c column) text(l line) string {
	if c.of != nil {
		return strconv.FormatFloat(c.of(l), 'f', c.digits, 64)
	}
	v, measured := l.figures[c.unit]
	if !measured {
		return "–"
	}
	return strconv.FormatFloat(v, 'f', c.digits, 64)
}

// isScheduled tells what a clock starts from what a request does.
func isScheduled(name string) bool { return !strings.Contains(name, "/") }
