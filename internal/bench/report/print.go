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
	to     string             // the unit of the other end, of a spread
}

var operationColumns = []column{
	{title: "trips", unit: "trips"}, {title: "RCU", unit: "RCU", digits: 1}, {title: "WCU", unit: "WCU"},
	{title: "calls", unit: "calls"}, {title: "actions", unit: "actions"}, {title: "bytes", unit: "answer-B"},
	{title: "mails", unit: "mails"}, {title: "allocs", unit: "allocs"},
	{title: "$/million", digits: 2, of: perMillion},
	{title: "CPU ms", unit: "cpu-ms", digits: 2}, {title: "ours ms", unit: "ours-ms", digits: 2},
	{title: "1 client ms", unit: "ms-median-1", digits: 1}, {title: "p90", unit: "ms-p90-1", digits: 1},
	{title: "16 clients ms", unit: "ms-median-16", digits: 1}, {title: "p90", unit: "ms-p90-16", digits: 1},
}

var verifyColumns = []column{
	{title: "trips", unit: "trips"}, {title: "RCU", unit: "RCU", digits: 1}, {title: "WCU", unit: "WCU"},
	{title: "allocs", unit: "allocs"}, {title: "CPU µs", unit: "cpu-µs"},
	{title: "16 at once: allocs", unit: "allocs-16"}, {title: "CPU µs", unit: "cpu-µs-16"}, {title: "µs each", unit: "µs-16"},
	{title: "1 client ms", unit: "ms-median-1", digits: 1},
}

var spendColumns = []column{
	{title: "trips/batch", unit: "trips/batch"}, {title: "WCU/event", unit: "WCU/event", digits: 2},
	{title: "events/s", unit: "events/s"}, {title: "our CPU %", unit: "%own-cpu"},
}

var startColumns = []column{
	{title: "zip MiB", unit: "MiB-zip", digits: 2}, {title: "page faults", unit: "faults"},
	{title: "× empty, CPU", unit: "×empty-cpu", digits: 2}, {title: "× empty, time", unit: "×empty-poll", digits: 2},
	{title: "CPU ms", unit: "cpu-ms-poll", digits: 1}, {title: "min–max", unit: "cpu-ms-poll-min", to: "cpu-ms-poll-max", digits: 1},
	{title: "to first poll ms", unit: "ms-poll", digits: 1}, {title: "min–max", unit: "ms-poll-min", to: "ms-poll-max", digits: 1},
	{title: "to first answer ms", unit: "ms-answer", digits: 1}, {title: "min–max", unit: "ms-answer-min", to: "ms-answer-max", digits: 1},
}

var memoryColumns = []column{{title: "peak MiB", unit: "MiB-peak", digits: 0}}

// table is one part of the report.
type table struct {
	title  string
	header []string
	rows   [][]string
}

// tables are the parts of the report that there are figures for.
func tables(r results) (all []table) {
	add := func(title string, header []string, rows [][]string) {
		if len(rows) > 0 {
			all = append(all, table{title, header, rows})
		}
	}
	header, rows := inColumns(r.of("Operation"), operationColumns)
	add("Operations. First what no machine changes; then dollars at list prices; then times: those of all\n"+
		"processors and of one request are our own, without the engine; those of clients are medians on DynamoDB Local.\n"+
		"What is a thousand things at once, or started by a clock, has none of 16 clients: the engine is one machine's.", header, rows)
	header, rows = inColumns(r.of("Verify"), verifyColumns)
	add("Verification of one key among many. CPU and time are our own, without the engine; those of a client are with it.", header, rows)
	header, rows = inColumns(r.of("Spend"), spendColumns)
	add("Events in batches of 1,000, over DynamoDB Local: how many it takes in a second, and the part of that time that is our own CPU.", header, rows)
	header, rows = growthTable(r)
	add("Growth: the same operations in orgs of several sizes.", header, rows)
	header, rows = inColumns(r.of("Start"), startColumns)
	add("Cold start, beside a function that does nothing: the median of several starts, the least and the most.", header, rows)
	header, rows = inColumns(r.of("Memory"), memoryColumns)
	add("Memory: the peak of each function under its worst requests.", header, rows)
	return all
}

func inColumns(lines []line, columns []column) (header []string, rows [][]string) {
	for _, c := range columns {
		header = append(header, c.title)
	}
	for _, l := range lines {
		var row []string
		for _, c := range columns {
			row = append(row, c.text(l))
		}
		rows = append(rows, append(row, "  "+l.name))
	}
	return header, rows
}

// print writes the whole report.
func print(to io.Writer, r results) error {
	for _, a := range r.about {
		fmt.Fprintln(to, a)
	}
	for _, t := range tables(r) {
		fmt.Fprintf(to, "\n%s\n\n", t.title)
		w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(w, strings.Join(t.header, "\t")+"\t")
		for _, row := range t.rows {
			fmt.Fprintln(w, strings.Join(row, "\t")) // the name is no column, and stands left
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
		return c.number(c.of(l))
	}
	v, measured := l.figures[c.unit]
	most, spread := l.figures[c.to]
	switch {
	case !measured:
		return "–"
	case spread:
		return c.number(v) + "–" + c.number(most)
	}
	return c.number(v)
}

func (c column) number(v float64) string { return strconv.FormatFloat(v, 'f', c.digits, 64) }

// isScheduled tells what a clock starts from what a request does.
func isScheduled(name string) bool { return !strings.Contains(name, "/") }
