package spend

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/money"
)

// Use is what somebody's keys did lately.
type Use struct {
	Spent money.Amount // this month
	Last  time.Time    // the last day, UTC, of a request this month or last; zero if there was none
}

// useMegabytes bounds what Uses reads of a month: about 1,000 keys.
const useMegabytes = 2

// Uses returns what the keys of each person did lately, by their ids. It needs
// analytics:read. It reads at most useMegabytes of each month, and is nil where that does not
// tell all of this one.
func (r Reporter) Uses(ctx context.Context, actor authz.Actor) (map[string]Use, error) {
	if err := authz.CheckOrg(actor, authz.AnalyticsRead); err != nil {
		return nil, err
	}
	uses, this := map[string]Use{}, firstOfMonth(r.Now())
	whole, err := r.eachMonthSum(ctx, actor.OrgID, []time.Time{this, this.AddDate(0, -1, 0)}, useMegabytes, func(p Part, s Sum) {
		if p != ByDay || s.Requests == 0 {
			return
		}
		use := uses[s.UserID]
		if s.Month.Equal(this) {
			use.Spent += s.Cost
		}
		if s.Date().After(use.Last) {
			use.Last = s.Date()
		}
		uses[s.UserID] = use
	})
	if err != nil || !whole[0] {
		return nil, err
	}
	return uses, nil
}
