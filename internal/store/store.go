package store

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Store reads and writes the table. Its methods take and return the nouns' words and
// errors. Every read is strongly consistent, but for those of indexes, which only lists
// and the sweep use.
type Store struct {
	db    *dynamodb.Client
	table string
}

// New returns the store in the table of the given name.
func New(db *dynamodb.Client, table string) *Store { return &Store{db, table} }

// Retries is how the DynamoDB client should retry: soon, since a person waits. Conflicts
// between transactions are retried by commit.
func Retries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4
		o.MaxBackoff = time.Second
	})
}

// get reads one item into row and reports whether there is one.
func (s *Store) get(ctx context.Context, k key, row any) (bool, error) {
	out, err := s.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: k.attributes(), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return false, asFault(err)
	}
	if len(out.Item) == 0 {
		return false, nil
	}
	return true, decode(out.Item, row)
}

// fetch reads one item as a T, or returns missing when there is none.
func fetch[T any](ctx context.Context, s *Store, k key, missing error) (T, error) {
	var row T
	found, err := s.get(ctx, k, &row)
	if err == nil && !found {
		err = missing
	}
	return row, err
}

// getMany reads up to 100 items in one round trip, in the order of keys; missing ones are
// nil.
func (s *Store) getMany(ctx context.Context, keys ...key) ([]attributes, error) {
	found := make(map[key]attributes, len(keys))
	request := make([]attributes, len(keys))
	for i, k := range keys {
		request[i] = k.attributes()
	}
	for wait := newBackoff(); len(request) > 0; {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			s.table: {Keys: request, ConsistentRead: aws.Bool(true)},
		}})
		if err != nil {
			return nil, asFault(err)
		}
		for _, item := range out.Responses[s.table] {
			found[keyOf(item)] = item
		}
		request = out.UnprocessedKeys[s.table].Keys
		if len(request) > 0 && !wait.sleep(ctx) {
			return nil, busy(errors.New("store: keys left unprocessed"))
		}
	}
	items := make([]attributes, len(keys))
	for i, k := range keys {
		items[i] = found[k]
	}
	return items, nil
}

func keyOf(item attributes) key { return key{text(item, HashAttribute), text(item, SortAttribute)} }

func text(item attributes, name string) string {
	s, _ := item[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

// retryAfter is when to try again after the engine was busy or away.
const retryAfter = time.Second

// asFault hides what the engine says behind what it means to a caller.
func asFault(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded",
			"TransactionInProgressException", "TransactionConflictException", "InternalServerError", "ServiceUnavailable":
			return busy(err)
		}
	}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || isRequestError(err) {
		return busy(err)
	}
	return err
}

// isRequestError finds failures of the connection that are not net.Errors, such as an
// answer that breaks off.
func isRequestError(err error) bool {
	var send *smithyhttp.RequestSendError
	var broken *smithy.DeserializationError
	return errors.As(err, &send) || errors.As(err, &broken)
}

func busy(err error) error { return fault.ErrUnavailable.Because(err).After(retryAfter) }
