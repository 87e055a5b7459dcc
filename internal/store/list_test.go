package store

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/page"
)

// fill writes n things into the org, every third of which is called odd.
func fill(t *testing.T, s *Store, org tenant, n int) {
	t.Helper()
	for i := range n {
		name := "even"
		if i%3 == 0 {
			name = "odd"
		}
		id := fmt.Sprintf("%03d", i)
		row := struct {
			thing
			ofKind
		}{thing{name, i}, ofKind{org.group("THING", name), id}}
		if err := s.commit(t.Context(), put(org.team(id), row)); err != nil {
			t.Fatal(err)
		}
	}
}

func filtered(l listing, name string) listing {
	l.values = values{}
	l.drop("#name = :name", "name", name)
	return l
}

// Whatever the page's size and the chain, following the cursors gives each row once, in
// order, and the last page has no cursor.
func TestList_pages(t *testing.T) {
	s, _ := open(t)
	org := newTenant()
	const n = 20
	fill(t, s, org, n)
	fill(t, s, newTenant(), 5) // of another org
	newest := org.all(teamPrefix)
	newest.newest = true
	for name, c := range map[string]struct {
		chain []listing
		want  []int
	}{
		"all":             {[]listing{org.all(teamPrefix)}, upTo(n, 1)},
		"newest first":    {[]listing{newest}, reversed(upTo(n, 1))},
		"filtered":        {[]listing{filtered(org.all(teamPrefix), "odd")}, upTo(n, 3)},
		"of an index":     {[]listing{org.indexed(byKind, org.group("THING", "odd"))}, upTo(n, 3)},
		"void bounds":     {[]listing{{partition: org.org().PK, from: "TEAM#5", to: "TEAM#4"}, org.all(teamPrefix)}, upTo(n, 1)},
		"bounds":          {[]listing{{partition: org.org().PK, from: "TEAM#003", to: "TEAM#005~"}}, []int{3, 4, 5}},
		"nothing":         {[]listing{org.all(keyPrefix)}, nil},
		"chained":         {[]listing{org.indexed(byKind, org.group("THING", "odd")), org.all(keyPrefix), newest}, append(upTo(n, 3), reversed(upTo(n, 1))...)},
		"void between":    {[]listing{org.all(keyPrefix), org.indexed(byKind, org.group("THING", "odd")), {partition: org.org().PK, from: "TEAM#5", to: "TEAM#4"}, org.all(teamPrefix), newest}, slices.Concat(upTo(n, 3), upTo(n, 1), reversed(upTo(n, 1)))},
		"one after empty": {[]listing{org.all(keyPrefix), org.all(keyPrefix), org.all(teamPrefix)}, upTo(n, 1)},
	} {
		for _, limit := range []int{1, 2, 3, 7, n - 1, n, n + 1, page.MaxLimit} {
			var got []int
			cursor, pages := "", 0
			for {
				p, err := list(t.Context(), s, page.Request{Limit: limit, Cursor: cursor, Reads: pages % 3}, c.chain, decodeAs[thing])
				if err != nil {
					t.Fatalf("%s by %d: %v", name, limit, err)
				}
				if len(p.Data) > limit {
					t.Fatalf("%s by %d: a page of %d", name, limit, len(p.Data))
				}
				for _, row := range p.Data {
					got = append(got, row.N)
				}
				if cursor = p.Next; cursor == "" {
					break
				}
				if pages++; pages > 100 {
					t.Fatalf("%s by %d: no end", name, limit)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, c.want)
			}
		}
	}
}

// What is read at the same time is one round trip of those that a page may take.
func TestList_readsAtOnceAreOne(t *testing.T) {
	s, _ := open(t)
	org := newTenant()
	fill(t, s, org, 3)
	chain := []listing{org.all(keyPrefix), org.all(keyPrefix), org.all(keyPrefix), org.all(teamPrefix)}
	for reads, want := range map[int]int{1: 0, 2: 3} {
		p, err := list(t.Context(), s, page.Request{Limit: 10, Reads: reads}, chain, decodeAs[thing])
		if err != nil || len(p.Data) != want || (p.Next == "") != (want > 0) {
			t.Errorf("%d reads found %v, and %q after that: %v", reads, p.Data, p.Next, err)
		}
	}
}

func upTo(n, step int) (numbers []int) {
	for i := 0; i < n; i += step {
		numbers = append(numbers, i)
	}
	return numbers
}

func reversed(numbers []int) []int { slices.Reverse(numbers); return numbers }

// A cursor that was not made for the list is refused as such, or goes on in the list. None
// leads out of the caller's own, and none is a fault of ours.
func TestList_forgedCursors(t *testing.T) {
	s, _ := open(t)
	org, other := newTenant(), newTenant()
	fill(t, s, org, 6)
	fill(t, s, other, 12)
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for _, l := range []listing{org.all(teamPrefix), org.indexed(byKind, org.group("THING", "odd"))} {
		for _, forged := range []string{
			"x", "!", "====", encode(""), encode("null "), encode("[]"), encode(`"a"`), encode(`{"p":-1}`), encode(`{"p":1}`), encode(`{"p":99999999999999999999}`),
			encode(`{"p":0,"s":"ORG"}`), encode(`{"p":0,"s":"MEMBER#a"}`), encode(`{"p":0,"s":"TEAM"}`), encode(`{"p":0,"s":"TEAN#"}`),
			encode(`{"p":0,"s":"ORG","i":"000"}`), encode(`{"p":0,"i":"000"}`), encode(`{"p":0,"s":"TEAM#000","i":"` + strings.Repeat("i", 2000) + `"}`),
			encode(`{"p":0,"s":"` + strings.Repeat("s", 1100) + `"}`), encode(`{"p":0,"s":"TEAM#` + strings.Repeat("s", 1100) + `"}`), strings.Repeat("A", 5000),
		} {
			p, err := list(t.Context(), s, page.Request{Limit: 10, Cursor: forged}, []listing{l}, decodeAs[thing])
			if err != nil && !errors.Is(err, page.ErrBadCursor) {
				t.Errorf("%s: %.60q: %v", l.index.name, forged, err)
			}
			for _, row := range p.Data {
				if row.N >= 6 {
					t.Errorf("%s: %.60q leads to another org", l.index.name, forged)
				}
			}
		}
	}
}
