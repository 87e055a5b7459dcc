package spend

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestQuery_clean(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	date := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, c := range []struct {
		dims       []Dim
		from, to   string
		want, upTo string // the range; empty: ErrUnkept
	}{
		{[]Dim{KeyDim}, "", "", "2026-11-01", "2026-11-24"},
		{[]Dim{KeyDim, ModelDim}, "", "", "2026-11-01", "2026-11-24"},
		{[]Dim{KeyDim, ModelDim}, "2026-10-01", "2026-11-01", "2026-10-01", "2026-11-01"},
		{[]Dim{KeyDim, ModelDim}, "2026-10-01", "2026-11-23", "", ""},
		{[]Dim{KeyDim, ModelDim}, "2026-10-02", "2026-11-01", "", ""},
		{[]Dim{ModelDim, DayDim}, "2026-10-02", "2026-11-05", "2026-10-02", "2026-11-05"},
		{[]Dim{MemberDim, DayDim}, "2026-10-02", "2026-11-05", "2026-10-02", "2026-11-05"},
		{[]Dim{KeyDim}, "", "2026-10-05", "2026-10-01", "2026-10-05"},
	} {
		q, err := Query{GroupBy: c.dims, From: date(c.from), To: date(c.to)}.clean(now)
		if c.want == "" {
			if !errors.Is(err, ErrUnkept) || err.Error() != ErrUnkept.Error() {
				t.Errorf("%v %s %s: %v", c.dims, c.from, c.to, err)
			}
			continue
		}
		if err != nil || q.From.Format(time.DateOnly) != c.want || q.To.Format(time.DateOnly) != c.upTo {
			t.Errorf("%v %s %s: %v %v %v", c.dims, c.from, c.to, q.From, q.To, err)
		}
	}
}

// A report that is too large stops growing where that is known.
func TestGrouping_tooLarge(t *testing.T) {
	g := newGrouping(Query{GroupBy: []Dim{ModelDim}})
	for n := range 2 * MaxRows {
		g.add(Sum{Model: fmt.Sprint("model-", n), Tally: Tally{Requests: 1}})
	}
	if n := len(g.rows); n != MaxRows+1 {
		t.Errorf("it has %d rows, want one more than is allowed", n)
	}
}
