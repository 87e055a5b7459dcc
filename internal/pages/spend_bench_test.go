package pages

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// BenchmarkSpendPage draws the largest spend page there is, from answers that were read:
// 90 days of 20 models, and four full rankings.
func BenchmarkSpendPage(b *testing.B) {
	v := visit{now: noon, r: httptest.NewRequest("GET", "/acme/spend?range=90d", nil)}
	v.r.Header.Set("Accept-Encoding", "gzip")
	v.caller = authn.Caller{Actor: authz.Actor{Role: authz.Owner}, Org: orgs.Org{Slug: "acme", Name: "Acme"}, Member: members.Member{Email: "ada@acme.com"}}
	over := spend.Report{Query: spend.Query{From: noon.AddDate(0, 0, -89).Truncate(24 * time.Hour), To: noon.AddDate(0, 0, 1).Truncate(24 * time.Hour), GroupBy: []spend.Dim{spend.DayDim, spend.ModelDim}}}
	var ranked spend.Answer
	for i := range 1800 {
		row := spend.Row{Day: over.From.AddDate(0, 0, i/20).Format(time.DateOnly), Model: fmt.Sprintf("model-%d", i%20), Tally: spend.Tally{Cost: money.Amount(1800-i) * money.Dollar / 7, Requests: 9}}
		over.Rows, over.Total = append(over.Rows, row), over.Total.Plus(row.Tally)
		ranked.Rows, ranked.Total = append(ranked.Rows, spend.Row{UserID: row.Day + row.Model, Email: row.Model + "@example.com", Tally: row.Tally}), over.Total
	}
	for b.Loop() {
		v.w = httptest.NewRecorder()
		data := spendData{frame: v.frame("spend", "Spend"), Ranges: v.rangeTabs("90d"), Chart: newChart(over, over.To)}
		for _, as := range rankings(spend.Query{}) {
			data.Ranks = append(data.Ranks, v.newRank(as, ranked, nil))
		}
		data.Table = v.spendTable(spend.MemberDim, ranked, v.tablePage(ranked), nil)
		spendPage.render(v.w, v.r, 200, data)
	}
}
