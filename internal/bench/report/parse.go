package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// results are what a file holds.
type results struct {
	about []string // lines such as "cpu: …", as Go and the Makefile write them
	lines []line
}

// line is one benchmark with its figures, by unit. One that ran several times has the
// median of each.
type line struct {
	benchmark string // such as Operation
	name      string // of what was measured, as the benchmark's author wrote it
	figures   map[string]float64
}

// told is what a report says of the machine and the run.
var told = []string{"date:", "go:", "cores:", "goos:", "goarch:", "cpu:"}

// parse reads Go's benchmark format.
func parse(content string) (r results, err error) {
	samples := map[string]map[string][]float64{}
	var order []string
	for text := range strings.Lines(content) {
		text = strings.TrimSpace(text)
		fields := strings.Fields(text)
		switch {
		case len(fields) >= 4 && strings.HasPrefix(fields[0], "Benchmark"):
			name := strings.TrimPrefix(fields[0], "Benchmark")
			if samples[name] == nil {
				samples[name] = map[string][]float64{}
				order = append(order, name)
			}
			for i := 2; i+1 < len(fields); i += 2 {
				v, err := strconv.ParseFloat(fields[i], 64)
				if err != nil {
					return r, fmt.Errorf("%q is no number in %q", fields[i], text)
				}
				samples[name][fields[i+1]] = append(samples[name][fields[i+1]], v)
			}
		case strings.HasPrefix(text, "FAIL") || strings.HasPrefix(text, "--- FAIL"):
			return r, fmt.Errorf("a benchmark failed: %s", text)
		case len(fields) > 1 && slices.Contains(told, fields[0]) && !slices.Contains(r.about, text):
			r.about = append(r.about, text)
		}
	}
	for _, name := range order {
		l := line{figures: map[string]float64{}}
		l.benchmark, l.name, _ = strings.Cut(withoutProcessors(name), "/")
		l.name = spaced(l.name)
		for unit, values := range samples[name] {
			slices.Sort(values)
			l.figures[unit] = values[len(values)/2]
		}
		r.lines = append(r.lines, l)
	}
	return r, nil
}

// spaced puts back the spaces of a name, for which Go writes _. Queries have none.
func spaced(name string) string {
	path, query, asks := strings.Cut(name, "?")
	path = strings.ReplaceAll(path, "_", " ")
	if asks {
		return path + "?" + query
	}
	return path
}

// withoutProcessors drops the number of processors that Go puts behind a name.
func withoutProcessors(name string) string {
	if i := strings.LastIndexByte(name, '-'); i >= 0 {
		if _, err := strconv.Atoi(name[i+1:]); err == nil {
			return name[:i]
		}
	}
	return name
}

// of returns the lines of one benchmark.
func (r results) of(benchmark string) (found []line) {
	for _, l := range r.lines {
		if l.benchmark == benchmark {
			found = append(found, l)
		}
	}
	return found
}
