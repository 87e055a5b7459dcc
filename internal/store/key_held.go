package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// Held adds to a key who holds it, and the day on which it was last used.
func (s *Store) Held(ctx context.Context, orgID string, k keys.Key, now time.Time) (keys.Held, error) {
	held, err := heldWith(ctx, s.getMany, orgID, []keys.Key{k}, now)
	if err != nil {
		return keys.Held{}, err
	}
	return held[0], nil
}

// AllHeld is Held for a list, which is only shown: it is as all was a second ago, at half
// the cost.
func (s *Store) AllHeld(ctx context.Context, orgID string, found []keys.Key, now time.Time) ([]keys.Held, error) {
	return heldWith(ctx, s.glance, orgID, found, now)
}

// reading is getMany or glance.
type reading func(context.Context, ...key) ([]attributes, error)

// heldWith reads three items for each key, in one round trip for each hundred.
func heldWith(ctx context.Context, read reading, orgID string, found []keys.Key, now time.Time) ([]keys.Held, error) {
	t, months := tenant(orgID), lastMonths(now)
	var wanted []key
	for _, k := range found {
		wanted = append(wanted, t.member(k.UserID))
		for _, first := range months {
			// The first row of a key's sums has the newest day of every batch that has the key.
			wanted = append(wanted, sheetKey(t.keySpend(month(first), k.ID), 0))
		}
	}
	items, err := read(ctx, wanted...)
	if err != nil {
		return nil, err
	}
	held := make([]keys.Held, len(found))
	for i, k := range found {
		m := items[0]
		held[i] = keys.Held{Key: k, Role: authz.Role(text(m, "role")), HolderName: text(m, "name"), HolderEmail: text(m, "email")}
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
func lastDay(row attributes, first time.Time) (day time.Time) {
	for name := range row {
		cell, counts := strings.CutPrefix(name, requestNumber)
		if !counts || len(cell) != len(dayCell(1)) {
			continue // models have longer cells
		}
		if n, err := strconv.Atoi(cell); err == nil {
			day = later(day, first.AddDate(0, 0, n-1))
		}
	}
	return day
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
