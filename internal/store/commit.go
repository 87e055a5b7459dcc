package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
)

// maxActions is how many actions DynamoDB takes in one transaction.
const maxActions = 100

// commit does all writes or none. When conditions fail it returns what the first of them
// means.
func (s *Store) commit(ctx context.Context, writes ...write) error {
	refusals, err := s.transact(ctx, writes)
	if err != nil {
		return err
	}
	for _, refusal := range refusals {
		if refusal != nil {
			return refusal
		}
	}
	return nil
}

// transact does all writes or none. When conditions fail it returns, for each write, what
// its failure means, or nil if its own condition held.
//
// Conflicts with other transactions are not retried by the SDK: they are here, until ctx
// ends. The token of the logical transaction stays the same through all tries, so that one
// whose answer was lost is not done twice.
func (s *Store) transact(ctx context.Context, writes []write) ([]error, error) {
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(uuid.NewString())}
	for _, w := range writes {
		in.TransactItems = append(in.TransactItems, w.item(s.table))
	}
	for wait := newBackoff(); ; {
		_, err := s.db.TransactWriteItems(ctx, in)
		var canceled *types.TransactionCanceledException
		if err == nil || !errors.As(err, &canceled) {
			return nil, asFault(err)
		}
		refusals, refused := meanings(writes, canceled.CancellationReasons)
		if refused {
			return refusals, nil
		}
		if !transient(canceled.CancellationReasons) {
			return nil, asFault(err)
		}
		if !wait.sleep(ctx) {
			return nil, busy(err)
		}
	}
}

// The reasons for which DynamoDB cancels a transaction.
const (
	reasonCondition  = "ConditionalCheckFailed"
	reasonConflict   = "TransactionConflict"
	reasonThrottled  = "ThrottlingError"
	reasonThroughput = "ProvisionedThroughputExceeded"
)

// meanings translates failed conditions, and says whether there were any.
func meanings(writes []write, reasons []types.CancellationReason) ([]error, bool) {
	refusals, refused := make([]error, len(writes)), false
	for i, r := range reasons {
		if aws.ToString(r.Code) != reasonCondition {
			continue
		}
		refused = true
		refusals[i] = writes[i].refusal(r.Item)
	}
	return refusals, refused
}

// refusal is what it means that the write's condition failed on old.
func (w write) refusal(old attributes) error {
	if w.meaning == nil {
		return fmt.Errorf("store: unexpected state of %s / %s", w.key.PK, w.key.SK)
	}
	return w.meaning(old)
}

func transient(reasons []types.CancellationReason) bool {
	for _, r := range reasons {
		switch aws.ToString(r.Code) {
		case reasonConflict, reasonThrottled, reasonThroughput:
			return true
		}
	}
	return false
}

// apply does one update outside of a transaction, at half the cost. One that meets a
// transaction on its item is tried again, as transact does.
func (s *Store) apply(ctx context.Context, w write) error {
	in := &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: w.key.attributes(), UpdateExpression: &w.change, ConditionExpression: optional(w.condition),
		ExpressionAttributeNames: w.expressionNames(), ExpressionAttributeValues: w.values.encode(),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	for wait := newBackoff(); ; {
		_, err := s.db.UpdateItem(ctx, in)
		var failed *types.ConditionalCheckFailedException
		var met *types.TransactionConflictException
		switch {
		case errors.As(err, &failed):
			return w.refusal(failed.Item)
		case !errors.As(err, &met):
			return asFault(err)
		case !wait.sleep(ctx):
			return busy(err)
		}
	}
}

// backoff waits with full jitter: between nothing and a ceiling that doubles.
type backoff struct{ ceiling time.Duration }

const (
	firstCeiling = 20 * time.Millisecond
	lastCeiling  = 500 * time.Millisecond
)

func newBackoff() *backoff { return &backoff{firstCeiling} }

// sleep waits for the next try and reports whether there is still time for one.
func (b *backoff) sleep(ctx context.Context) bool {
	wait := rand.N(b.ceiling)
	b.ceiling = min(2*b.ceiling, lastCeiling)
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
