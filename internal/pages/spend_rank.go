package pages

import (
	"fmt"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// rank is who or what spent the most.
type rank struct {
	Title  string
	Rows   []rankRow
	Others string // what is not shown, in words; empty if all is
	All    string // where all are
	Why    string // why nothing is known
}

// rankRow is one of them.
type rankRow struct {
	called
	Href  string // narrows the page to it
	Spend string
	Share string
	Width string // of its bar, of 100
}

// rankSize is how many a rank shows.
const rankSize = 6

// ranking is one question that the page answers with a rank.
type ranking struct {
	dim          spend.Dim
	title, param string
}

// rankings are those that a query leaves open.
func rankings(q spend.Query) (open []ranking) {
	for _, r := range []struct {
		ranking
		shown bool
	}{
		{ranking{spend.MemberDim, "Members", "member"}, q.UserID == "" && q.KeyID == ""},
		{ranking{spend.KeyDim, "Keys", "key"}, q.KeyID == ""},
		{ranking{spend.TeamDim, "Teams", "team"}, q.TeamID == "" && q.UserID == "" && q.KeyID == ""},
		{ranking{spend.ModelDim, "Models", "model"}, q.Model == ""},
	} {
		if r.shown {
			open = append(open, r.ranking)
		}
	}
	return open
}

// newRank makes the rank of an answer.
func (v visit) newRank(as ranking, a spend.Answer, labels spendLabels) rank {
	r := rank{Title: as.title, Why: whyNoAnswer(a.Err), All: v.here("by", string(as.dim), "page", "") + "#table"}
	for i, row := range a.Rows {
		if i == rankSize {
			var rest money.Amount
			for _, other := range a.Rows[i:] {
				rest += other.Cost
			}
			r.Others = fmt.Sprintf("and %s other%s, %s", thousands(int64(len(a.Rows)-i)), map[bool]string{true: "s"}[len(a.Rows)-i > 1], usd(rest))
			break
		}
		called, id := labels.of(as.dim, row)
		r.Rows = append(r.Rows, rankRow{
			called: called, Href: v.here(as.param, id, "page", ""), Spend: usd(row.Cost),
			Share: percent(share(row.Cost, a.Total.Cost)), Width: decimal(share(row.Cost, a.Rows[0].Cost)),
		})
	}
	return r
}

// groupedBy is what a report by a dimension groups by: keys of one name are told apart by
// their holders.
func groupedBy(d spend.Dim) []spend.Dim {
	if d == spend.KeyDim {
		return []spend.Dim{spend.KeyDim, spend.MemberDim}
	}
	return []spend.Dim{d}
}

// whyNoAnswer says why a panel is empty.
func whyNoAnswer(err error) string {
	switch err {
	case nil:
		return ""
	case spend.ErrTooManyKeys:
		return "More keys were used than a page can compare. Choose a shorter time, or download the CSV."
	case spend.ErrTooManyGroups:
		return "More was used than a page can compare. Choose a shorter time."
	default:
		return "Who spent what on which model is kept by the month: choose this month or the last."
	}
}

// spendLabels are the names of what sums know by id.
type spendLabels map[budgets.Ref]spend.Label

// called is what people call a thing, and what tells it from others of that name: the
// address of a person, the holder of a key.
type called struct{ Label, More string }

// calledAfter is what to call somebody or something of that name, address and id.
func calledAfter(name, email, id string) called {
	switch {
	case name != "":
		return called{name, email}
	case email != "":
		return called{Label: email}
	default:
		return called{Label: id}
	}
}

// of is what to call a row's member, key, team or model, and its id.
func (l spendLabels) of(d spend.Dim, row spend.Row) (called, string) {
	switch d {
	case spend.MemberDim:
		return l.member(row), row.UserID
	case spend.KeyDim:
		return called{or(row.KeyName, row.KeyID), l.member(row).Label}, row.KeyID
	case spend.TeamDim:
		return calledAfter(l[teamRef(row.TeamID)].Name, "", row.TeamID), row.TeamID
	case spend.ModelDim:
		return called{Label: row.Model}, row.Model
	case spend.DayDim:
		return called{Label: dated(row.Day, time.DateOnly, "2 Jan 2006")}, row.Day
	default:
		return called{Label: dated(row.Month, "2006-01", "January 2006")}, row.Month
	}
}

// dated writes a day or a month as the rest of the page does.
func dated(text, form, as string) string {
	at, err := time.Parse(form, text)
	if err != nil {
		return text
	}
	return at.Format(as)
}

func (l spendLabels) member(row spend.Row) called {
	return calledAfter(l[memberRef(row.UserID)].Name, row.Email, row.UserID)
}
