package kill_test

import (
	"context"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// check fails the test unless all that was acknowledged for sure is in the table, once,
// beside what was there before.
func (l *load) check(t *testing.T, w *apitest.World, before map[string]int, counted tally) {
	t.Helper()
	for _, wrong := range l.wrong {
		t.Errorf("%s", wrong)
	}
	o := w.CheckInvariants().Orgs[l.orgID]
	where := map[string]map[string]apitest.Row{
		"team.created": o.Teams, "invitation.created": o.Invitations, "key.created": o.Keys, "key.revoked": o.Keys, "credits.added": o.Ledger,
	}
	if l.mailed != nil {
		where["invitation.accepted"] = o.Members
	}
	for action, rows := range where {
		ids := l.made[action]
		unsure := 0
		for _, id := range ids {
			if l.unsure.ids[id] {
				unsure++
			} else if rows[id] == nil {
				t.Errorf("%s of %s was acknowledged and is lost", action, id)
			}
		}
		if n := o.Entries(action) - before[action]; n > len(ids) || n < len(ids)-unsure || n == 0 {
			t.Errorf("%s was acknowledged %d times, %d of them unsure, and is recorded %d times", action, len(ids), unsure, n)
		}
	}
	now := tallied(t, w, l.orgID)
	events := now.events - counted.events
	if events > l.events || events < l.events-l.unsure.events || events == 0 {
		t.Errorf("%d events are counted, %d were acknowledged, %d of them unsure", events, l.events, l.unsure.events)
	}
	if got, want := now.spent-counted.spent, money.Amount(events)*money.Dollar/1000; got != want {
		t.Errorf("$%s were counted, want $%s", got, want)
	}
	t.Logf("%d events and %d other changes were acknowledged", l.events, total(l.made))
}

// tally is what an org has of events, and what they cost.
type tally struct {
	events int
	spent  money.Amount
}

// begin is that of the month of the day before the tests: they may end in another one.
var begin = func() time.Time {
	yesterday := time.Now().UTC().AddDate(0, 0, -1)
	return time.Date(yesterday.Year(), yesterday.Month(), 1, 0, 0, 0, 0, time.UTC)
}()

// tallied counts the org's events since begin, and fails the test if its sums do not follow
// from them.
func tallied(t *testing.T, w *apitest.World, orgID string) (all tally) {
	t.Helper()
	for month := begin; month.Before(time.Now()); month = month.AddDate(0, 1, 0) {
		found, err := w.Reconciler.Reconcile(context.Background(), spend.Period{OrgID: orgID, Month: month.Format("2006-01")})
		if err != nil || len(found.Differences) > 0 {
			t.Errorf("%+v differ, %v", found.Differences, err)
		}
		all.events += found.Events
		all.spent += spent(t, w, orgID, month)
	}
	return all
}

// spent is the sum of what the org's sums of days in a month say.
func spent(t *testing.T, w *apitest.World, orgID string, month time.Time) (sum money.Amount) {
	t.Helper()
	err := w.Store.EachSum(context.Background(), orgID, month, func(s spend.Sum) {
		if s.KeyID == "" {
			sum += s.Cost
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func total(made map[string][]string) (n int) {
	for _, ids := range made {
		n += len(ids)
	}
	return n
}
