package pages

import (
	"strconv"

	"github.com/nemorouter/nemo-team/internal/spend"
)

// spendTable are all groups of one dimension, a page at a time.
type spendTable struct {
	Tabs   []tab
	Column string
	Rows   []spendRow
	Total  spendRow
	Why    string // why there are none
	CSV    string
	Pager  pager
}

// spendRow is one group.
type spendRow struct {
	called
	Href                                   string
	Spend, Share, Requests, Prompt, Output string
}

// tableSize is how many rows the table shows at a time.
const tableSize = 25

// tableColumns are the dimensions as the table names them.
var tableColumns = []struct {
	dim          spend.Dim
	label, param string // param narrows the page to a row; empty: nothing does
}{
	{spend.MemberDim, "Member", "member"}, {spend.KeyDim, "Key", "key"}, {spend.TeamDim, "Team", "team"},
	{spend.ModelDim, "Model", "model"}, {spend.DayDim, "Day", ""}, {spend.MonthDim, "Month", ""},
}

// tablePage are the rows that are shown.
func (v visit) tablePage(a spend.Answer) []spend.Row {
	at := min(v.tableOffset(), len(a.Rows))
	return a.Rows[at:min(at+tableSize, len(a.Rows))]
}

func (v visit) tableOffset() int {
	n, err := strconv.Atoi(v.query("page"))
	if err != nil || n < 1 || n > spend.MaxGroups/tableSize {
		return 0
	}
	return (n - 1) * tableSize
}

func (v visit) spendTable(by spend.Dim, a spend.Answer, page []spend.Row, labels spendLabels) spendTable {
	t := spendTable{Why: whyNoAnswer(a.Err), CSV: v.here("file", "csv", "by", string(by), "page", ""), Total: newSpendRow(called{Label: "All"}, "", a.Total, a.Total)}
	param := ""
	for _, c := range tableColumns {
		t.Tabs = append(t.Tabs, tab{Label: c.label, Href: v.here("by", string(c.dim), "page", "") + "#table", Current: c.dim == by})
		if c.dim == by {
			t.Column, param = c.label, c.param
		}
	}
	for _, row := range page {
		called, id := labels.of(by, row)
		href := ""
		if param != "" {
			href = v.here(param, id, "page", "", "by", "")
		}
		t.Rows = append(t.Rows, newSpendRow(called, href, row.Tally, a.Total))
	}
	number := v.tableOffset()/tableSize + 1
	if number > 1 {
		t.Pager.First = v.here("page", "") + "#table"
	}
	if number*tableSize < len(a.Rows) {
		t.Pager.Next = v.here("page", strconv.Itoa(number+1)) + "#table"
	}
	return t
}

func newSpendRow(of called, href string, t, total spend.Tally) spendRow {
	return spendRow{of, href, usd(t.Cost), percent(share(t.Cost, total.Cost)), thousands(t.Requests), thousands(t.Prompt), thousands(t.Output)}
}
