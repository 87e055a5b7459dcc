package store

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/once"
)

// receiptRow is what a repeated call finds.
type receiptRow struct {
	Request   string    `json:"request"`
	Result    string    `json:"result"` // JSON
	ExpiresAt time.Time `json:"expires_at"`
	expiring
}

// receipt adds, if ctx holds a call with an idempotency key, the receipt for one row of
// its result.
func (s *Store) receipt(ctx context.Context, row int, result any, writes ...write) []write {
	call, ok := once.From(ctx)
	if !ok {
		return writes
	}
	stale := values{"now": call.At}
	return append(writes, put(receiptKey(call, row), newReceipt(call, result)).
		when("attribute_not_exists(pk) OR expires_at <= :now", stale).
		explained(func(old attributes) error {
			if text(old, "request") != call.Request {
				return once.ErrMismatch
			}
			return once.ErrRaced
		}))
}

// amendReceipt is receipt for a result that has changed since.
func (s *Store) amendReceipt(ctx context.Context, row int, result any, writes ...write) []write {
	call, ok := once.From(ctx)
	if !ok {
		return writes
	}
	return append(writes, put(receiptKey(call, row), newReceipt(call, result)))
}

func newReceipt(call once.Call, result any) receiptRow {
	b, err := json.Marshal(result)
	if err != nil {
		panic("store: a result has no JSON: " + err.Error())
	}
	expires := call.At.Add(once.Keep)
	return receiptRow{call.Request, string(b), expires, until(expires)}
}

func receiptKey(call once.Call, row int) key {
	return onceKey(call.Scope, call.Key+"#"+strconv.Itoa(row))
}

// Receipts returns the receipts of the first n rows of a call; missing ones are nil.
func (s *Store) Receipts(ctx context.Context, call once.Call, n int) ([]*once.Receipt, error) {
	keys := make([]key, n)
	for row := range keys {
		keys[row] = receiptKey(call, row)
	}
	items, err := s.getMany(ctx, keys...)
	if err != nil {
		return nil, err
	}
	receipts := make([]*once.Receipt, n)
	for i, item := range items {
		row, err := decodeAs[receiptRow](item)
		if err != nil {
			return nil, err
		}
		if item != nil && call.At.Before(row.ExpiresAt) {
			receipts[i] = &once.Receipt{Request: row.Request, Result: []byte(row.Result)}
		}
	}
	return receipts, nil
}
