package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// segments are the parts that the table is read in, one after the other.
const segments = 16

// EachOrg visits all orgs that live. It reads the whole table: orgs are in no index, as
// nothing but reconciling wants them all. Its parts come in another order each time, so that
// where time does not suffice, it is not always for the same ones.
func (s *Store) EachOrg(ctx context.Context, visit func(orgID string)) error {
	for _, segment := range rand.Perm(segments) {
		if err := s.eachOrgIn(ctx, segment, visit); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachOrgIn(ctx context.Context, segment int, visit func(orgID string)) error {
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{
		TableName: &s.table, ProjectionExpression: aws.String("id"),
		Segment: aws.Int32(int32(segment)), TotalSegments: aws.Int32(segments),
		FilterExpression:          aws.String("sk = :org AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeValues: values{"org": orgSK}.encode(),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return asFault(err)
		}
		for _, item := range page.Items {
			visit(text(item, "id"))
		}
	}
	return nil
}

// OrgLives reports whether an org is there and was not deleted.
func (s *Store) OrgLives(ctx context.Context, orgID string) (bool, error) {
	org, err := s.Org(ctx, orgID)
	if errors.Is(err, fault.ErrNotFound) {
		return false, nil
	}
	return org.Live(), err
}

// parallelReads is how many partitions of events are read at once. Each takes memory for a
// megabyte of them.
const parallelReads = 8

// EachEvent visits all events of an org that are kept, one after the other.
func (s *Store) EachEvent(ctx context.Context, orgID string, visit func(spend.Event)) error {
	var mu sync.Mutex
	for first := 0; first < eventBuckets; first += parallelReads {
		var errs [parallelReads]error
		var wg sync.WaitGroup
		for n := range errs {
			wg.Go(func() {
				errs[n] = s.eachEventIn(ctx, tenant(orgID).eventIn(first+n, "").PK, func(e spend.Event) {
					mu.Lock()
					defer mu.Unlock()
					visit(e)
				})
			})
		}
		wg.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) eachEventIn(ctx context.Context, partition string, visit func(spend.Event)) error {
	return s.eachFresh(ctx, listing{partition: partition}, func(item attributes) error {
		row, err := decodeAs[eventRow](item)
		if err == nil {
			visit(row.event(text(item, SortAttribute)))
		}
		return err
	})
}

// EachSum visits all sums of an org in a month.
func (s *Store) EachSum(ctx context.Context, orgID string, month time.Time, visit func(spend.Sum)) error {
	for _, part := range []spend.Part{spend.ByDay, spend.ByModel} {
		err := s.eachKeySum(ctx, s.eachFresh, orgID, month, part, func(sum spend.Sum) {
			if sum.Requests != 0 || sum.Cost != 0 {
				visit(sum)
			}
		})
		if err != nil {
			return err
		}
	}
	return s.eachDaySum(ctx, s.eachFresh, orgID, month, month.AddDate(0, 1, 0), visit)
}
