package main

import (
	"net/http"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestMain(m *testing.M) { apitest.Main(m) }

// The demo's spend is all counted, is the same each time, and leaves budgets that are partly
// spent.
func TestSeed_spend(t *testing.T) {
	var totals []string
	for range 2 {
		w := apitest.Alone(t)
		owner := w.SignUp("Acme")
		max := owner.Hire("member")
		s := &seeder{ctx: t.Context(), key: owner.Token, handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			answer := w.Send(r)
			rw.WriteHeader(answer.Status)
			if _, err := rw.Write(answer.Body); err != nil {
				t.Error(err)
			}
		})}
		s.spend(spenders(owner.Token, owner.Hire("admin").Token, max.Token), w.Gateway().Token, owner.OrgID, max.ID, w.Clock.Now())
		if s.err != nil || s.key != owner.Token {
			t.Fatal(s.err, s.key)
		}
		from := w.Clock.Now().AddDate(0, -1, -1).Format("2006-01-02")
		report := owner.Do("GET", "/v1/spend?group_by=day&from="+from, nil).Want(200)
		totals = append(totals, report.Get("total.spend_usd")+" in "+report.Get("total.requests"))
		for _, b := range owner.List("/v1/budgets") {
			if b["spent_usd"] == "0" && b["period"] == "month" && w.Clock.Now().Day() > 1 {
				t.Errorf("%v", b)
			}
		}
	}
	t.Log(totals)
	if totals[0] != totals[1] || totals[0][0] == '0' {
		t.Errorf("%q", totals)
	}
}
