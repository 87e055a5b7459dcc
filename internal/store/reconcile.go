package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/spend"
)

// EachOrg visits all orgs, deleted ones too. It reads the whole table: orgs are in no index,
// as nothing but reconciling wants them all.
func (s *Store) EachOrg(ctx context.Context, visit func(orgID string) error) error {
	pages := dynamodb.NewScanPaginator(s.db, &dynamodb.ScanInput{
		TableName: &s.table, FilterExpression: aws.String("sk = :org"), ProjectionExpression: aws.String("id"),
		ExpressionAttributeValues: values{"org": orgSK}.encode(),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return asFault(err)
		}
		for _, item := range page.Items {
			if err := visit(text(item, "id")); err != nil {
				return err
			}
		}
	}
	return nil
}

// EachEvent visits all events of an org that are kept.
func (s *Store) EachEvent(ctx context.Context, orgID string, visit func(spend.Event)) error {
	for bucket := range eventBuckets {
		l := listing{partition: tenant(orgID).eventIn(bucket, "").PK}
		err := s.eachFresh(ctx, l, func(item attributes) error {
			row, err := decodeAs[eventRow](item)
			visit(row.event(text(item, SortAttribute)))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
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
