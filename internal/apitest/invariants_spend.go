package apitest

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"time"
)

// countedOnce is invariant 12: sums, and what budgets have spent, are what the events add up
// to: each counted once and none lost.
func countedOnce(b Books, f *finds) {
	b.eachOrg(func(_ string, o *OrgBooks) {
		have, want := o.sums(), o.added()
		for cell, n := range want {
			f.unless(have[cell] == n, "the sum %s is %d and its events make %d", cell, have[cell], n)
		}
		for cell, n := range have {
			f.unless(n == 0 || want[cell] != 0, "the sum %s is %d and has no events", cell, n)
		}
		for ref, budget := range o.Budgets {
			held := 0
			for slot := range budget.Map("holds") {
				held += budget.Map("holds").Number(slot)
			}
			spent, used := budget.Number("spent"), budget.Number("used")
			f.unless(spent == o.spentOf(budget), "budget %s has spent %d and its events make %d", ref, spent, o.spentOf(budget))
			f.unless(used == spent+held, "budget %s uses %d, has spent %d and holds %d", ref, used, spent, held)
		}
	})
}

// number is the name of a number in a row of sums: what it counts, and of which day or model.
var number = regexp.MustCompile(`^[crpo](\d\d|[\w-]{16})$`)

// sums adds up the rows of the same sums: several may share the load, or the models.
func (o *OrgBooks) sums() map[string]int {
	sums := map[string]int{}
	for _, row := range o.Sums {
		sk := strings.Split(row.Text("sk"), "#")
		for name := range row {
			if number.MatchString(name) {
				sums[row.Text("pk")+" "+sk[0]+" "+sk[1]+" "+name] += row.Number(name)
			}
		}
	}
	return sums
}

// added is what the sums should be.
func (o *OrgBooks) added() map[string]int {
	sums := map[string]int{}
	for _, e := range o.Events {
		at := e.Time("at")
		month := "SPEND#" + o.Row.Text("id") + "#" + at.Format("2006-01")
		hash := sha256.Sum256([]byte(e.Text("model")))
		model := base64.RawURLEncoding.EncodeToString(hash[:12])
		for name, n := range map[string]int{
			"c": e.Number("cost"), "r": 1, "p": e.Number("prompt_tokens"), "o": e.Number("completion_tokens"),
		} {
			sums[month+" KEY "+e.Text("key_id")+" "+name+at.Format("02")] += n
			sums[month+" KEY "+e.Text("key_id")+" "+name+model] += n
			sums[month+" DAY "+at.Format("02")+" "+name+model] += n
		}
	}
	return sums
}

// spentOf adds up the events that count to a budget: those of its thing, in its period.
func (o *OrgBooks) spentOf(budget Row) (spent int) {
	id, begin := budget.Text("id"), budget.Time("period_start")
	for _, e := range o.Events {
		key := o.Keys[e.Text("key_id")]
		counts := map[string]bool{
			"credits": true, "org": true, "team": key.Text("team_id") == id,
			"member": key.Text("user_id") == id, "key": e.Text("key_id") == id,
		}[budget.Text("scope")]
		if counts && !e.Time("at").Before(begin) && (periodEnd(budget, begin).IsZero() || e.Time("at").Before(periodEnd(budget, begin))) {
			spent += e.Number("cost")
		}
	}
	return spent
}

func periodEnd(budget Row, begin time.Time) time.Time {
	switch budget.Text("period") {
	case "day":
		return begin.AddDate(0, 0, 1)
	case "week":
		return begin.AddDate(0, 0, 7)
	case "month":
		return begin.AddDate(0, 1, 0)
	}
	return time.Time{}
}
