package store

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/quickread"
)

// Store reads and writes the table. Its methods take and return the nouns' words and
// errors. Every read is strongly consistent, but for those of indexes, which only lists and
// the sweep use, and for what is only shown: glance, eachStale and sumsOf.
type Store struct {
	db    *dynamodb.Client
	quick *quickread.Client // for what the gateway waits for
	table string
	homes *homes
}

// New returns the store in the table of the given name.
func New(db *dynamodb.Client, table string) *Store {
	return &Store{db, quickread.New(db.Options()), table, &homes{}}
}

// Warm opens a connection while nobody waits for one yet.
func (s *Store) Warm(ctx context.Context) { s.quick.Warm(ctx) }

// attempts bounds how often the client tries one call. All waits together stay below a second.
const attempts = 6

// Retries is how the DynamoDB client should retry: soon, since a person waits. The SDK's
// own waits begin with up to a second, and it takes an answer that broke off as final. Its
// budget of retries is left out: a transaction that is refused, as each is that finds
// duplicates, earns nothing back, so that after a bad minute a batch sent again failed with
// its first lost answer, and for good. Conflicts between transactions are retried by transact.
func Retries() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.RateLimiter = ratelimit.None
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, _ error) (time.Duration, error) {
			return rand.N(min(firstCeiling<<attempt, lastCeiling)), nil
		})
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			if isRequestError(err) {
				return aws.TrueTernary
			}
			return aws.UnknownTernary
		}))
	})
}

// get reads one item into row and reports whether there is one.
func (s *Store) get(ctx context.Context, k key, row any) (bool, error) {
	if !k.fits() {
		return false, nil
	}
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

// maxBatch is how many items BatchGetItem reads at once.
const maxBatch = 100

// getMany reads items in the order of keys; missing ones are nil. Up to maxBatch of them
// take one round trip; more take several at the same time.
func (s *Store) getMany(ctx context.Context, keys ...key) ([]attributes, error) {
	return inBatches(keys, func(batch []key) (map[key]attributes, error) { return s.getBatch(ctx, batch, true) })
}

// glance is getMany at half the cost, for what is only shown: the items may be as they were
// a second ago.
func (s *Store) glance(ctx context.Context, keys ...key) ([]attributes, error) {
	return inBatches(keys, func(batch []key) (map[key]attributes, error) { return s.getBatch(ctx, batch, false) })
}

// inBatches reads what the keys lead to with read, which takes up to maxBatch of them.
func inBatches[T any](keys []key, read func([]key) (map[key]T, error)) ([]T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	once := distinct(keys)
	if len(once) == 0 {
		return make([]T, len(keys)), nil
	}
	if len(once) <= maxBatch {
		found, err := read(once)
		return inOrder(keys, found), err
	}
	batches := slices.Collect(slices.Chunk(once, maxBatch))
	found, errs := make([]map[key]T, len(batches)), make([]error, len(batches))
	var wg sync.WaitGroup
	for i, batch := range batches {
		wg.Go(func() { found[i], errs[i] = read(batch) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all := map[key]T{}
	for _, some := range found {
		maps.Copy(all, some)
	}
	return inOrder(keys, all), nil
}

func inOrder[T any](keys []key, found map[key]T) []T {
	items := make([]T, len(keys))
	for i, k := range keys {
		items[i] = found[k]
	}
	return items
}

// distinct drops what BatchGetItem refuses: repetitions, and keys that nothing can have.
func distinct(keys []key) []key {
	seen := make(map[key]bool, len(keys))
	var once []key
	for _, k := range keys {
		if !seen[k] && k.fits() {
			seen[k] = true
			once = append(once, k)
		}
	}
	return once
}

var errUnprocessed = errors.New("store: keys left unprocessed")

// getBatch reads up to maxBatch items, with what the engine left unprocessed at first.
func (s *Store) getBatch(ctx context.Context, keys []key, consistent bool) (map[key]attributes, error) {
	found := make(map[key]attributes, len(keys))
	request := make([]attributes, len(keys))
	for i, k := range keys {
		request[i] = k.attributes()
	}
	for wait := newBackoff(); ; {
		out, err := s.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			s.table: {Keys: request, ConsistentRead: &consistent},
		}})
		if err != nil {
			return nil, asFault(err)
		}
		for _, item := range out.Responses[s.table] {
			found[keyOf(item)] = item
		}
		if request = out.UnprocessedKeys[s.table].Keys; len(request) == 0 {
			return found, nil
		}
		if !wait.sleep(ctx) {
			return nil, busy(errUnprocessed)
		}
	}
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
