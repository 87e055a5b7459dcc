package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// grown is one operation in orgs of several sizes.
type grown struct {
	name  string
	sizes map[int]line // by the org's members
}

// growth returns what was measured in orgs of several sizes, and which sizes those are.
func growth(r results) (all []grown, sizes []int) {
	for _, l := range r.of("Growth") {
		size, name, _ := strings.Cut(strings.TrimPrefix(l.name, "members="), "/")
		n, err := strconv.Atoi(size)
		if err != nil {
			continue
		}
		if !slices.Contains(sizes, n) {
			sizes = append(sizes, n)
		}
		at := slices.IndexFunc(all, func(g grown) bool { return g.name == name })
		if at < 0 {
			all, at = append(all, grown{name, map[int]line{}}), len(all)
		}
		l.name = name
		all[at].sizes[n] = l
	}
	slices.Sort(sizes)
	return all, sizes
}

// growthTable has a column of each figure for each size.
func growthTable(r results) (header []string, rows [][]string) {
	all, sizes := growth(r)
	if len(sizes) == 0 {
		return nil, nil
	}
	columns := []column{{title: "trips", unit: "trips"}, {title: "RCU", unit: "RCU", digits: 1}, {title: "WCU", unit: "WCU"},
		{title: "ms", unit: "ms-median-1", digits: 1}}
	for _, c := range columns {
		for _, n := range sizes {
			header = append(header, fmt.Sprintf("%s@%s", c.title, short(n)))
		}
	}
	for _, g := range all {
		var row []string
		for _, c := range columns {
			for _, n := range sizes {
				row = append(row, c.text(g.sizes[n]))
			}
		}
		rows = append(rows, append(row, "  "+g.name))
	}
	return header, rows
}

// short is a number in few characters: 1000 is 1k.
func short(n int) string {
	if n >= 1000 && n%1000 == 0 {
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n)
}
