package store

import (
	"strings"
	"testing"
)

// The engine refuses to start outside of what a listing reads, so a cursor must not ask it to.
func TestListing_holds(t *testing.T) {
	t1 := tenant("org")
	all, grouped := t1.all(memberPrefix), t1.indexed(byKind, "group")
	named := t1.indexed(byName, "group")
	named.prefix = "ada"
	record := listing{partition: "AUDIT#org", from: "b", to: "d"}
	since := listing{partition: "AUDIT#org", from: "b"}
	for name, c := range map[string]struct {
		l    listing
		at   position
		want bool
	}{
		"start":                          {all, position{}, true},
		"start, with an index key":       {grouped, position{Index: "x"}, false},
		"own row":                        {all, position{Sort: "MEMBER#x"}, true},
		"row of another list":            {all, position{Sort: "TEAM#x"}, false},
		"index key where there is none":  {all, position{Sort: "MEMBER#x", Index: "x"}, false},
		"sort key too long":              {all, position{Sort: "MEMBER#" + strings.Repeat("x", 1018)}, false},
		"row of an index":                {grouped, position{Sort: "MEMBER#x", Index: "x"}, true},
		"no index key":                   {grouped, position{Sort: "MEMBER#x"}, false},
		"index key below all":            {grouped, position{Sort: "MEMBER#x", Index: "\x00"}, false},
		"index key too long":             {grouped, position{Sort: "MEMBER#x", Index: strings.Repeat("x", 1025)}, false},
		"long sort key behind an index":  {grouped, position{Sort: strings.Repeat("x", 1025), Index: "x"}, false},
		"name that begins so":            {named, position{Sort: "MEMBER#x", Index: "ada#x"}, true},
		"name that begins otherwise":     {named, position{Sort: "MEMBER#x", Index: "bob#x"}, false},
		"within bounds":                  {record, position{Sort: "c"}, true},
		"before bounds":                  {record, position{Sort: "a"}, false},
		"behind bounds":                  {record, position{Sort: "e"}, false},
		"address that begins with ~":     {grouped, position{Sort: "MEMBER#x", Index: "~ada@example.com"}, true},
		"without an end, beyond any key": {since, position{Sort: "\x7f"}, false},
	} {
		if got := c.l.holds(c.at); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
