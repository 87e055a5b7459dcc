package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/spend"
)

// EachKeySum visits the sums of all keys in a month.
func (s *Store) EachKeySum(ctx context.Context, orgID string, in time.Time, p spend.Part, visit func(spend.Sum)) error {
	return s.eachKeySum(ctx, s.eachStale, orgID, in, p, visit)
}

// reader visits all items of a listing.
type reader func(context.Context, listing, func(attributes) error) error

func (s *Store) eachKeySum(ctx context.Context, each reader, orgID string, in time.Time, p spend.Part, visit func(spend.Sum)) error {
	base := tenant(orgID).keySpend(month(in), "")
	return each(ctx, listing{partition: base.PK, prefix: base.SK}, func(item attributes) error {
		id, _, _ := strings.Cut(strings.TrimPrefix(text(item, SortAttribute), keySpendPrefix), "#")
		sum := spend.Sum{KeyID: id, Month: in, Payer: spend.Payer{
			OrgID: orgID, KeyName: text(item, "key_name"), UserID: text(item, "user_id"), Email: text(item, "email"), TeamID: text(item, "team_id"),
		}}
		if p == spend.ByModel {
			return eachModel(item, sum, visit)
		}
		return eachDay(item, sum, visit)
	})
}

// ofKey narrows a reader of the sums of keys to those of one.
func ofKey(id string, each reader) reader {
	return func(ctx context.Context, l listing, visit func(attributes) error) error {
		l.prefix += id + "#"
		return each(ctx, l, visit)
	}
}

// EachDaySum visits the sums of days, by model.
func (s *Store) EachDaySum(ctx context.Context, orgID string, from, to time.Time, visit func(spend.Sum)) error {
	return s.eachDaySum(ctx, s.eachStale, orgID, from, to, visit)
}

func (s *Store) eachDaySum(ctx context.Context, each reader, orgID string, from, to time.Time, visit func(spend.Sum)) error {
	l := listing{partition: tenant(orgID).spend(month(from), "").PK,
		from: fmt.Sprintf("%s%02d", daySpendPrefix, from.Day()),
		to:   fmt.Sprintf("%s%02d#~", daySpendPrefix, to.Add(-1).Day()),
	}
	return each(ctx, l, func(item attributes) error {
		day, _, _ := strings.Cut(strings.TrimPrefix(text(item, SortAttribute), daySpendPrefix), "#")
		n, err := strconv.Atoi(day)
		if err != nil {
			return err
		}
		first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, time.UTC)
		return eachModel(item, spend.Sum{Month: first, Day: n}, visit)
	})
}

func eachModel(item attributes, sum spend.Sum, visit func(spend.Sum)) (err error) {
	for _, model := range modelsOf(item) {
		sum.Model = model
		if sum.Tally, err = cell(item, modelCell(model)); err != nil {
			return err
		}
		visit(sum)
	}
	return nil
}

const daysInMonth = 31

func eachDay(item attributes, sum spend.Sum, visit func(spend.Sum)) (err error) {
	for sum.Day = 1; sum.Day <= daysInMonth; sum.Day++ {
		if sum.Tally, err = cell(item, dayCell(sum.Day)); err != nil {
			return err
		}
		visit(sum)
	}
	return nil
}

// eachStale visits all items of a listing, eventually consistent, at half the cost.
func (s *Store) eachStale(ctx context.Context, l listing, visit func(attributes) error) error {
	return s.eachOf(ctx, l, nil, visit)
}

// eachFresh visits all items of a listing, strongly consistent.
func (s *Store) eachFresh(ctx context.Context, l listing, visit func(attributes) error) error {
	return s.eachOf(ctx, l, aws.Bool(true), visit)
}

func (s *Store) eachOf(ctx context.Context, l listing, consistent *bool, visit func(attributes) error) error {
	if l.void() {
		return nil
	}
	in := l.input(s.table, position{})
	in.ConsistentRead = consistent
	pages := dynamodb.NewQueryPaginator(s.db, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return asFault(err)
		}
		for _, item := range page.Items {
			if err := visit(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// TeamNames returns the names of teams. Those that are gone are found by their tombstones.
func (s *Store) TeamNames(ctx context.Context, orgID string, ids []string) (map[string]string, error) {
	t, names := tenant(orgID), map[string]string{}
	err := s.eachStale(ctx, t.all(teamPrefix), func(item attributes) error {
		names[text(item, "id")] = text(item, "name")
		return nil
	})
	if err != nil {
		return nil, err
	}
	var gone []key
	for _, id := range ids {
		if names[id] == "" && id != "" {
			gone = append(gone, t.gone(id))
		}
	}
	items, err := s.getMany(ctx, gone...)
	for _, item := range items {
		names[text(item, "id")] = text(item, "name")
	}
	return names, err
}
