package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/page"
)

// alertRow is an alert as stored. Like every notice, it is in byDue until all were told.
type alertRow struct {
	budgets.Alert
	DueShard string `json:"due_shard"`
}

// BudgetsNow reads budgets anew.
func (s *Store) BudgetsNow(ctx context.Context, of []budgets.Budget) ([]budgets.Budget, error) {
	var wanted []key
	for _, b := range of {
		wanted = append(wanted, tenant(b.OrgID).budget(b.Ref()))
	}
	items, err := s.getMany(ctx, distinct(wanted)...)
	if err != nil {
		return nil, err
	}
	return decodeBudgets(items)
}

// SaveAlert notes that a percentage was told of, and stores the alert. A percentage of a
// limit that was changed meanwhile is another line, which may not be crossed.
func (s *Store) SaveAlert(ctx context.Context, b budgets.Budget, a budgets.Alert) error {
	t := tenant(b.OrgID)
	noted := asBudgetRead(update(t.budget(b.Ref()), "SET alerted = list_append(alerted, :percents)", values{
		"percents": []int{a.Percent},
	}), b).and("#limit = :limit AND NOT contains(alerted, :percent)", values{"limit": b.Limit, "percent": a.Percent})
	return s.commit(ctx, noted.otherwise(budgets.ErrChanged), insert(t.notice(a.ID), alertRow{a, dueShard(a.ID)}))
}

// Overseers returns whom to tell of an alert, and what to call the org and the thing.
func (s *Store) Overseers(ctx context.Context, a budgets.Alert) (to []string, orgName, thing string, err error) {
	org, err := s.Org(ctx, a.OrgID)
	if err != nil {
		return nil, "", "", err
	}
	if !org.Live() {
		return nil, "", "", fault.ErrNotFound
	}
	for _, role := range []authz.Role{authz.Owner, authz.Admin} {
		p := page.Request{Limit: page.MaxLimit}
		for {
			found, err := s.Members(ctx, a.OrgID, members.Filter{Role: role}, p)
			if err != nil {
				return nil, "", "", err
			}
			for _, m := range found.Data {
				to = append(to, m.Email)
			}
			if p.Cursor = found.Next; p.Cursor == "" {
				break
			}
		}
	}
	thing, err = s.thingName(ctx, a)
	return to, org.Name, thing, err
}

// thingName is what to call the thing that a budget is of, even if it is gone.
func (s *Store) thingName(ctx context.Context, a budgets.Alert) (string, error) {
	t := tenant(a.OrgID)
	items, err := s.getMany(ctx, t.team(a.BudgetID), t.member(a.BudgetID), t.virtualKey(a.BudgetID), t.gone(a.BudgetID))
	if err != nil {
		return "", err
	}
	for _, item := range items {
		for _, name := range []string{"email", "name"} { // of a member, the address; of a key, the name
			if s := text(item, name); s != "" && (name == "name" || a.Scope == budgets.Member) {
				return s, nil
			}
		}
	}
	return "", nil
}
