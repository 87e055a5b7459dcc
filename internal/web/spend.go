package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/spend"
)

func (f Reports) mountSpend(a *API) {
	secured(a, route{
		method: http.MethodGet, path: "/v1/spend", tag: "Spend", id: "report-of-spend", needs: authz.AnalyticsRead,
		summary: "Who spent what",
		detail:  "Sums by one or two of key, member, team, model, day and month, the most spent first; by day or month, in order of time. With `Accept: text/csv`, as CSV. New spend shows within a second. Names of keys and teams that are gone are kept.",
	}, f.spend)
	alsoAs[SpendReport](a, "/v1/spend", CSV)
}

type spendInput struct {
	GroupBy  []spend.Dim `query:"group_by" default:"key" doc:"One or two of key, member, team, model, day and month." example:"member,model"`
	From     string      `query:"from" maxLength:"32" doc:"The first day, UTC; the first of this month, unless given." example:"2026-10-01"`
	To       string      `query:"to" maxLength:"32" doc:"The day after the last; tomorrow, unless given." example:"2026-11-01"`
	KeyID    string      `query:"key_id" maxLength:"64" doc:"Only this key's."`
	MemberID string      `query:"member_id" maxLength:"64" doc:"Only this person's."`
	TeamID   string      `query:"team_id" maxLength:"64" doc:"Only this team's."`
	Model    string      `query:"model" maxLength:"256" doc:"Only on this model."`
	Accept   string      `header:"Accept" hidden:"true"`
}

func (in *spendInput) query() (q spend.Query, err error) {
	if q.From, err = dateOf("query.from", in.From); err != nil {
		return q, err
	}
	if q.To, err = dateOf("query.to", in.To); err != nil {
		return q, err
	}
	q.GroupBy, q.KeyID, q.UserID, q.TeamID, q.Model = in.GroupBy, in.KeyID, in.MemberID, in.TeamID, in.Model
	return q, nil
}

// dateOf reads a day, or a time as other calls take it.
func dateOf(location, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fault.BadField(location, "This is not a date such as 2026-10-01.")
}

// SpendReport is what was spent.
type SpendReport struct {
	From    string      `json:"from" doc:"The first day."`
	To      string      `json:"to" doc:"The day after the last."`
	GroupBy []spend.Dim `json:"group_by" nullable:"false"`
	Data    []SpendRow  `json:"data" nullable:"false"`
	Total   SpendTotal  `json:"total"`
}

// SpendTotal is a sum of events.
type SpendTotal struct {
	SpendUSD         USD   `json:"spend_usd"`
	Requests         int64 `json:"requests"`
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
}

// SpendRow is the sum of one group. It has the fields of what the report groups by.
type SpendRow struct {
	KeyID    string `json:"key_id,omitempty"`
	KeyName  string `json:"key_name,omitempty"`
	UserID   string `json:"user_id,omitempty"`
	Email    string `json:"email,omitempty"`
	TeamID   string `json:"team_id,omitempty"`
	TeamName string `json:"team_name,omitempty"`
	Model    string `json:"model,omitempty"`
	Day      string `json:"day,omitempty" example:"2026-10-01"`
	Month    string `json:"month,omitempty" example:"2026-10"`
	SpendTotal
}

func totalShape(t spend.Tally) SpendTotal {
	return SpendTotal{USD{t.Cost}, t.Requests, t.Prompt, t.Output}
}

func reportShape(r spend.Report) SpendReport {
	out := SpendReport{
		From: r.From.Format(time.DateOnly), To: r.To.Format(time.DateOnly), GroupBy: r.GroupBy,
		Data: make([]SpendRow, len(r.Rows)), Total: totalShape(r.Total),
	}
	for i, row := range r.Rows {
		out.Data[i] = SpendRow{
			row.KeyID, row.KeyName, row.UserID, row.Email, row.TeamID, row.TeamName, row.Model, row.Day, row.Month, totalShape(row.Tally),
		}
	}
	return out
}

func (f Reports) spend(ctx context.Context, c authn.Caller, in *spendInput) (*huma.StreamResponse, error) {
	q, err := in.query()
	if err != nil {
		return nil, err
	}
	report, err := f.Spend.Report(ctx, c.Actor, q)
	if err != nil {
		return nil, err
	}
	if preferred(in.Accept, []string{CSV}) == CSV {
		file, err := spendFile(report)
		return &huma.StreamResponse{Body: func(ctx huma.Context) { writeFile(ctx.SetHeader, ctx.BodyWriter(), spendCSV, file) }}, err
	}
	body := jsonLine(reportShape(report))
	return jsonAnswer(body), answerable(body)
}

const spendCSV = "spend.csv"

func spendFile(r spend.Report) ([]byte, error) {
	file := csvFile(spendTable(reportShape(r)))
	return file, answerable(file)
}

// answerable is spend.ErrTooLarge of what no function can answer.
func answerable(report []byte) error {
	if inAnswer(report) > maxFile {
		return spend.ErrTooLarge
	}
	return nil
}

// spendColumns are the columns of each dimension.
var spendColumns = map[spend.Dim][]struct {
	name string
	of   func(SpendRow) string
}{
	spend.KeyDim: {
		{"key_id", func(r SpendRow) string { return r.KeyID }},
		{"key_name", func(r SpendRow) string { return r.KeyName }},
	},
	spend.MemberDim: {
		{"user_id", func(r SpendRow) string { return r.UserID }},
		{"email", func(r SpendRow) string { return r.Email }},
	},
	spend.TeamDim: {
		{"team_id", func(r SpendRow) string { return r.TeamID }},
		{"team_name", func(r SpendRow) string { return r.TeamName }},
	},
	spend.ModelDim: {{"model", func(r SpendRow) string { return r.Model }}},
	spend.DayDim:   {{"day", func(r SpendRow) string { return r.Day }}},
	spend.MonthDim: {{"month", func(r SpendRow) string { return r.Month }}},
}

// spendTable is the report as lines of text, the first of them the columns' names.
func spendTable(r SpendReport) [][]string {
	head := []string{}
	for _, d := range r.GroupBy {
		for _, column := range spendColumns[d] {
			head = append(head, column.name)
		}
	}
	table := [][]string{append(head, "spend_usd", "requests", "prompt_tokens", "completion_tokens")}
	for _, row := range r.Data {
		var line []string
		for _, d := range r.GroupBy {
			for _, column := range spendColumns[d] {
				line = append(line, column.of(row))
			}
		}
		table = append(table, append(line, row.SpendUSD.String(), strconv.FormatInt(row.Requests, 10),
			strconv.FormatInt(row.PromptTokens, 10), strconv.FormatInt(row.CompletionTokens, 10)))
	}
	return table
}

// WriteSpendCSV answers with the report as a file, as the API does; with nothing and
// spend.ErrTooLarge if that cannot be.
func WriteSpendCSV(w http.ResponseWriter, r spend.Report) error {
	file, err := spendFile(r)
	if err == nil {
		writeFile(w.Header().Set, w, spendCSV, file)
	}
	return err
}
