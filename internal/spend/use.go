package spend

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/money"
)

// Use is what somebody's keys did this month.
type Use struct {
	Spent money.Amount
	Last  time.Time // the last day, UTC, of a request; zero if there was none
}

// useMegabytes bounds what ThisMonth reads: about 1,000 keys.
const useMegabytes = 2

// ThisMonth returns what the keys of each person did this month, by their ids. It needs
// analytics:read. It reads at most useMegabytes, and is nil where that does not tell.
func (r Reporter) ThisMonth(ctx context.Context, actor authz.Actor) (map[string]Use, error) {
	if err := authz.CheckOrg(actor, authz.AnalyticsRead); err != nil {
		return nil, err
	}
	uses := map[string]Use{}
	all, err := r.Store.EachMonthSum(ctx, actor.OrgID, firstOfMonth(r.Now()), useMegabytes, func(p Part, s Sum) {
		if p != ByDay || s.Requests == 0 {
			return
		}
		use := uses[s.UserID]
		use.Spent += s.Cost
		if s.Date().After(use.Last) {
			use.Last = s.Date()
		}
		uses[s.UserID] = use
	})
	if err != nil || !all {
		return nil, err
	}
	return uses, nil
}
