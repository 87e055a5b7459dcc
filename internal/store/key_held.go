package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// Held adds to keys their holders' roles and the days on which they were last used, in one
// round trip for each hundred items: three for each key.
func (s *Store) Held(ctx context.Context, orgID string, found []keys.Key, now time.Time) ([]keys.Held, error) {
	t, months := tenant(orgID), lastMonths(now)
	var wanted []key
	for _, k := range found {
		wanted = append(wanted, t.member(k.UserID))
		for _, first := range months {
			// The first row of a key's sums: every batch that has the key begins there.
			wanted = append(wanted, sheetKey(t.keySpend(month(first), k.ID), 0))
		}
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	held := make([]keys.Held, len(found))
	for i, k := range found {
		held[i] = keys.Held{Key: k, Role: authz.Role(text(items[0], "role"))}
		for n, first := range months {
			if held[i].LastUsed.IsZero() {
				held[i].LastUsed = lastDay(items[1+n], first)
			}
		}
		items = items[1+len(months):]
	}
	return held, nil
}

// lastMonths are the first days of this month and of the one before.
func lastMonths(now time.Time) []time.Time {
	first := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	return []time.Time{first, first.AddDate(0, -1, 0)}
}

// lastDay is the last day of the month for which a row of sums counts a request, or zero.
func lastDay(item attributes, first time.Time) time.Time {
	for day := daysInMonth; day > 0; day-- {
		if item[requestNumber+dayCell(day)] != nil {
			return first.AddDate(0, 0, day-1)
		}
	}
	return time.Time{}
}
