package spend

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// Sum is one sum as kept: of a key's model or day in a month, or of a day's model.
type Sum struct {
	KeyID string // with Payer: of a key; else of a day
	Payer
	Month time.Time // its first instant
	Day   int       // of the month; 0 in sums of models over a month
	Model string    // empty in sums of days
	Tally
}

// Part says which of a key's sums are wanted: it has two sets, each of all its events.
type Part int

// The parts.
const (
	ByModel Part = iota
	ByDay
)

// ReportStore is what Reporter needs. Reads are eventually consistent.
type ReportStore interface {
	// EachKeySum visits the sums of all keys of the org in a month; of each key, those with
	// the name that it had last come first.
	EachKeySum(ctx context.Context, orgID string, month time.Time, p Part, visit func(Sum)) error
	// EachDaySum visits the sums by model of the days from from to to of one month; to is
	// not one of them.
	EachDaySum(ctx context.Context, orgID string, from, to time.Time, visit func(Sum)) error
	// TeamNames returns the names of teams, those that are gone too.
	TeamNames(ctx context.Context, orgID string, ids []string) (map[string]string, error)
	AnswerStore
}

// Row is one group of a report. What the report does not group by is empty.
type Row struct {
	KeyID, KeyName   string
	UserID, Email    string
	TeamID, TeamName string
	Model            string
	Day, Month       string // 2006-01-02 and 2006-01
	Tally
}

// Report is the answer to a query.
type Report struct {
	Query
	Rows  []Row
	Total Tally
}

// MaxRows bounds a report.
const MaxRows = 15_000

// ErrTooLarge is the fault of a report with more rows, or of more bytes than can be answered.
var ErrTooLarge = fault.New(fault.Invalid, "report_too_large", "The report has more than 15,000 rows, or more than 5 MB. Narrow it, or group it by less.")

// Reporter reads reports.
type Reporter struct {
	Store ReportStore
	Now   func() time.Time
}

// Report answers a query about the actor's org. It needs analytics:read. It costs as much
// as the sums that it reads, month by month, whatever the number of events behind them.
func (r Reporter) Report(ctx context.Context, actor authz.Actor, q Query) (Report, error) {
	if err := authz.CheckOrg(actor, authz.AnalyticsRead); err != nil {
		return Report{}, err
	}
	q, err := q.clean(r.Now())
	if err != nil {
		return Report{}, err
	}
	g := newGrouping(q, MaxRows)
	for month := firstOfMonth(q.From); month.Before(q.To); month = month.AddDate(0, 1, 0) {
		if err := r.read(ctx, actor.OrgID, q, month, g.add); err != nil {
			return Report{}, err
		}
		if g.tooLarge() {
			return Report{}, ErrTooLarge
		}
	}
	report := Report{Query: q, Rows: g.list(), Total: g.total}
	return report, r.nameTeams(ctx, actor.OrgID, report)
}

// read visits the cheapest sums that answer the query, of one month.
func (r Reporter) read(ctx context.Context, orgID string, q Query, month time.Time, visit func(Sum)) error {
	if q.aboutPeople() {
		part := ByDay
		if q.aboutModels() {
			part = ByModel
		}
		return r.Store.EachKeySum(ctx, orgID, month, part, visit)
	}
	from, to := q.From, q.To
	if from.Before(month) {
		from = month
	}
	if end := month.AddDate(0, 1, 0); to.After(end) {
		to = end
	}
	return r.Store.EachDaySum(ctx, orgID, from, to, visit)
}

func (r Reporter) nameTeams(ctx context.Context, orgID string, report Report) error {
	if !report.groups(TeamDim) || len(report.Rows) == 0 {
		return nil
	}
	var ids []string
	for _, row := range report.Rows {
		ids = append(ids, row.TeamID)
	}
	slices.Sort(ids)
	names, err := r.Store.TeamNames(ctx, orgID, slices.Compact(ids))
	for i := range report.Rows {
		report.Rows[i].TeamName = names[report.Rows[i].TeamID]
	}
	return err
}

// grouping adds sums up, in so many rows as are of use.
type grouping struct {
	q     Query
	most  int
	rows  map[Row]*Row // by what the report groups by
	names map[string]keyName
	total Tally
}

// keyName is what a key was called in a month.
type keyName struct {
	month time.Time
	name  string
}

func newGrouping(q Query, most int) *grouping {
	return &grouping{q: q, most: most, rows: map[Row]*Row{}, names: map[string]keyName{}}
}

// tooLarge reports whether there are more rows than are of use; they are not all kept then.
func (g *grouping) tooLarge() bool { return len(g.rows) > g.most }

func (g *grouping) add(s Sum) {
	g.learnName(s)
	if s.Requests == 0 || !g.q.wants(s) {
		return
	}
	g.total = g.total.Plus(s.Tally)
	group, named := g.q.group(s)
	row := g.rows[group]
	if row == nil {
		if g.tooLarge() { // and need not fill the memory
			return
		}
		row = &named
		g.rows[group] = row
	}
	row.Tally = row.Plus(s.Tally)
}

// learnName remembers the last name that a key had: of each month, the last name comes first.
func (g *grouping) learnName(s Sum) {
	if known, is := g.names[s.KeyID]; g.q.groups(KeyDim) && (!is || s.Month.After(known.month)) {
		g.names[s.KeyID] = keyName{s.Month, s.KeyName}
	}
}

// list orders rows by time, then by what was spent, the most first.
func (g *grouping) list() []Row {
	rows := make([]Row, 0, len(g.rows))
	for _, row := range g.rows {
		row.KeyName = g.names[row.KeyID].name
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int {
		return cmp.Or(
			strings.Compare(a.Month, b.Month), strings.Compare(a.Day, b.Day),
			cmp.Compare(b.Cost, a.Cost), cmp.Compare(b.Requests, a.Requests),
			strings.Compare(a.KeyID, b.KeyID), strings.Compare(a.UserID, b.UserID),
			strings.Compare(a.TeamID, b.TeamID), strings.Compare(a.Model, b.Model),
		)
	})
	return rows
}
