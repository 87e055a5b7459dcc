package spend

import (
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Dim is what a report may group by.
type Dim string

// The dimensions.
const (
	KeyDim    Dim = "key"
	MemberDim Dim = "member"
	TeamDim   Dim = "team"
	ModelDim  Dim = "model"
	DayDim    Dim = "day"
	MonthDim  Dim = "month"
)

// Dims are all dimensions.
var Dims = []Dim{KeyDim, MemberDim, TeamDim, ModelDim, DayDim, MonthDim}

// Query asks for a report. Zero filters do not narrow.
type Query struct {
	GroupBy  []Dim     // one or two
	From, To time.Time // days, UTC: from From, up to but not To; zero: this month so far

	KeyID, UserID, TeamID, Model string
}

// MaxMonths bounds the time that a report is about.
const MaxMonths = 13

// The faults of queries.
var (
	ErrDims     = fault.BadField("query.group_by", "Group by one or two of key, member, team, model, day and month.")
	ErrRange    = fault.BadField("query.to", "A report is about at least a day and at most 13 months.")
	ErrMidnight = fault.BadField("query.from", "Spend is kept by day, UTC: give dates, such as 2026-10-01.")
	// ErrUnkept is the fault of a query that no kept sums answer: models are kept for each
	// key by the month, and for the whole organization by the day.
	ErrUnkept = fault.BadField("query.group_by",
		"What a key, a member or a team spent on which model is kept by the month. Ask for whole months, without day.")
)

func (q Query) groups(d Dim) bool { return slices.Contains(q.GroupBy, d) }

// aboutPeople and aboutModels say whether the answer needs to tell keys, or models, apart.
func (q Query) aboutPeople() bool {
	return q.groups(KeyDim) || q.groups(MemberDim) || q.groups(TeamDim) || q.KeyID != "" || q.UserID != "" || q.TeamID != ""
}
func (q Query) aboutModels() bool { return q.groups(ModelDim) || q.Model != "" }

// clean checks the query and fills in its range. A range that reaches the present reaches
// the end of the month: there is nothing behind.
func (q Query) clean(now time.Time) (Query, error) {
	if err := q.checkDims(); err != nil {
		return q, err
	}
	if q.From.IsZero() {
		q.From = firstOfMonth(now)
		if !q.To.IsZero() && !q.To.After(q.From) {
			q.From = firstOfMonth(q.To.Add(-1))
		}
	}
	if q.To.IsZero() {
		q.To = now.Add(MaxAhead).Truncate(day).Add(day)
	}
	q.From, q.To = q.From.UTC(), q.To.UTC()
	if !q.From.Equal(q.From.Truncate(day)) || !q.To.Equal(q.To.Truncate(day)) {
		return q, ErrMidnight
	}
	if !q.From.Before(q.To) || q.To.After(firstOfMonth(q.From).AddDate(0, MaxMonths, 0)) {
		return q, ErrRange
	}
	if q.aboutPeople() && q.aboutModels() && (q.groups(DayDim) || !q.wholeMonths(now)) {
		return q, ErrUnkept
	}
	return q, nil
}

func (q Query) checkDims() error {
	if len(q.GroupBy) < 1 || len(q.GroupBy) > 2 || len(q.GroupBy) == 2 && q.GroupBy[0] == q.GroupBy[1] {
		return ErrDims
	}
	for _, d := range q.GroupBy {
		if !slices.Contains(Dims, d) {
			return ErrDims
		}
	}
	return nil
}

const day = 24 * time.Hour // UTC has no others

func (q Query) wholeMonths(now time.Time) bool {
	return q.From.Equal(firstOfMonth(q.From)) && (q.To.Equal(firstOfMonth(q.To)) || q.To.After(now.Add(MaxAhead)))
}

func firstOfMonth(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

// Date is the day of a sum of a day.
func (s Sum) Date() time.Time { return s.Month.AddDate(0, 0, s.Day-1) }

// wants applies the filters. Sums of whole months are only read for whole months.
func (q Query) wants(s Sum) bool {
	if s.Day > 0 && (s.Date().Before(q.From) || !s.Date().Before(q.To)) {
		return false
	}
	return is(q.KeyID, s.KeyID) && is(q.UserID, s.UserID) && is(q.TeamID, s.TeamID) && is(q.Model, s.Model)
}

func is(filter, value string) bool { return filter == "" || filter == value }

// group is what the report groups the sum by, and the row that it begins, people's names and all.
func (q Query) group(s Sum) (group, named Row) {
	for _, d := range q.GroupBy {
		switch d {
		case KeyDim:
			group.KeyID = s.KeyID
		case MemberDim:
			group.UserID, named.Email = s.UserID, s.Email
		case TeamDim:
			group.TeamID = s.TeamID
		case ModelDim:
			group.Model = s.Model
		case DayDim:
			group.Day = s.Date().Format(time.DateOnly)
		case MonthDim:
			group.Month = s.Month.Format("2006-01")
		}
	}
	named.KeyID, named.UserID, named.TeamID = group.KeyID, group.UserID, group.TeamID
	named.Model, named.Day, named.Month = group.Model, group.Day, group.Month
	return group, named
}
