package spend

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
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
	g := newGrouping(Query{GroupBy: []Dim{ModelDim}}, 2)
	for n := range 5 {
		g.add(Sum{Model: fmt.Sprint("model-", n), Tally: Tally{Requests: 1}})
	}
	if n := len(g.rows); n != 3 || !g.tooLarge() {
		t.Errorf("it has %d rows, want one more than are of use", n)
	}
}

// sumsOfDays is a store of so many models on a day.
type sumsOfDays struct {
	ReportStore
	models int
}

func (s sumsOfDays) EachMonthSum(_ context.Context, _ string, month time.Time, _ int, visit func(Part, Sum)) (bool, error) {
	for n := range s.models {
		visit(OfDays, Sum{Month: month, Day: 1, Model: fmt.Sprint("model-", n), Tally: Tally{Requests: 1}})
	}
	return true, nil
}

// Answers hold more rows than a report may have, and say so where even those do not do:
// nothing is left out of them.
func TestReporter_largeAnswers(t *testing.T) {
	for models, want := range map[int]error{2 * MaxRows: nil, MaxGroups: nil, MaxGroups + 1: ErrTooManyGroups} {
		now := func() time.Time { return time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) }
		answers, err := Reporter{Store: sumsOfDays{models: models}, Now: now}.Answers(t.Context(), authz.Actor{OrgID: "o", Role: authz.Owner}, Query{}, []Dim{DayDim, ModelDim}, []Dim{DayDim})
		if err != nil || answers[0].Err != want || want == nil && len(answers[0].Rows) != models {
			t.Errorf("%d models: %d rows, %v, %v", models, len(answers[0].Rows), answers[0].Err, err)
		}
		if one := answers[1]; one.Err != nil || one.Total.Requests != int64(models) {
			t.Errorf("%d models on a day: %+v", models, one)
		}
	}
}
