package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// EachMonthSum visits all sums of a month in one reading: those of its days by model, those of
// its keys by model, and those of its keys by day. It reads the days and at most so many
// megabytes; where keys are left then, it visits none of them and reports that.
func (s *Store) EachMonthSum(ctx context.Context, orgID string, in time.Time, megabytes int, visit func(spend.Part, spend.Sum)) (all bool, err error) {
	items, all, err := s.sumsOf(ctx, orgID, in, megabytes)
	if err != nil {
		return false, err
	}
	read := func(_ context.Context, l listing, visit func(attributes) error) error {
		for _, item := range items {
			if !l.inRange(text(item, SortAttribute)) {
				continue
			}
			if err := visit(item); err != nil {
				return err
			}
		}
		return nil
	}
	as := func(p spend.Part) func(spend.Sum) { return func(sum spend.Sum) { visit(p, sum) } }
	if err := s.eachDaySum(ctx, read, orgID, in, in.AddDate(0, 1, 0), as(spend.OfDays)); err != nil || !all {
		return all, err
	}
	if err := s.eachKeySum(ctx, read, orgID, in, spend.ByModel, as(spend.ByModel)); err != nil {
		return all, err
	}
	return all, s.eachKeySum(ctx, read, orgID, in, spend.ByDay, as(spend.ByDay))
}

// sumsOf are the rows of a month. Those of days come first.
func (s *Store) sumsOf(ctx context.Context, orgID string, in time.Time, megabytes int) (items []attributes, all bool, err error) {
	l := listing{partition: tenant(orgID).spend(month(in), "").PK}.input(s.table, position{})
	l.ConsistentRead = nil
	pages := dynamodb.NewQueryPaginator(s.db, l) // of a megabyte each
	for ; pages.HasMorePages(); megabytes-- {
		if megabytes <= 0 && len(items) > 0 && !strings.HasPrefix(text(items[len(items)-1], SortAttribute), daySpendPrefix) {
			return items, false, nil
		}
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, false, asFault(err)
		}
		items = append(items, page.Items...)
	}
	return items, true, nil
}

// Labels returns what a subject and others are called, those that are gone too, and the
// subject's budget, in one round trip for each 49 of them. Without a subject it is of the
// others alone.
func (s *Store) Labels(ctx context.Context, orgID string, subject budgets.Ref, others []budgets.Ref) (map[budgets.Ref]spend.Label, error) {
	t, all := tenant(orgID), others
	var keys []key
	if subject.ID != "" {
		all = append([]budgets.Ref{subject}, others...)
		keys = append(keys, t.budget(subject))
	}
	first := len(keys)
	for _, r := range all {
		keys = append(keys, t.thing(r), t.gone(r.ID))
	}
	items, err := s.getMany(ctx, keys...)
	if err != nil {
		return nil, err
	}
	labels := map[budgets.Ref]spend.Label{}
	for i, r := range all {
		there, gone := items[first+2*i], items[first+2*i+1]
		named := there
		if there == nil {
			named = gone
		}
		labels[r] = spend.Label{Name: text(named, "name"), Email: text(named, "email"), There: there != nil}
	}
	if subject.ID == "" {
		return labels, nil
	}
	is := labels[subject]
	is.Budget, err = decodePresent[budgets.Budget](items[0])
	labels[subject] = is
	return labels, err
}

// thing is where what a budget is of lies.
func (t tenant) thing(r budgets.Ref) key {
	switch r.Scope {
	case budgets.Team:
		return t.team(r.ID)
	case budgets.Member:
		return t.member(r.ID)
	case budgets.Key:
		return t.virtualKey(r.ID)
	}
	return t.org()
}
