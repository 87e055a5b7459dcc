package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/invites"
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
	return onceKey(call.Scope, receiptPrefix(call)+strconv.Itoa(row))
}

// receiptPrefix is what the receipts of a call begin with, and no others, whatever keys
// people choose.
func receiptPrefix(call once.Call) string { return plain.Replace(call.Key) + "#" }

var plain = strings.NewReplacer("%", "%25", "#", "%23")

// Receipts returns the results that a call left, as JSON, by row. It is once.ErrMismatch if
// another request had the call's key. What is read is what there is, not what there could be.
func (s *Store) Receipts(ctx context.Context, call once.Call) (map[int][]byte, error) {
	l := listing{partition: onceKey(call.Scope, "").PK, prefix: receiptPrefix(call)}
	results := map[int][]byte{}
	for at := (position{}); ; {
		read := s.query(ctx, l, at, invites.MaxBulk+1) // no call has more rows; one more, to see the end
		if read.err != nil {
			return nil, read.err
		}
		for _, item := range read.items {
			if err := receive(results, call, item); err != nil {
				return nil, err
			}
		}
		if read.last == nil {
			return results, nil
		}
		at = l.after(0, read.last)
	}
}

// receive adds a receipt to the results, unless it has expired.
func receive(results map[int][]byte, call once.Call, item attributes) error {
	row, err := strconv.Atoi(strings.TrimPrefix(text(item, SortAttribute), receiptPrefix(call)))
	if err != nil { // it was left by a version that did not keep keys apart
		return nil
	}
	receipt, err := decodeAs[receiptRow](item)
	if err != nil || !call.At.Before(receipt.ExpiresAt) {
		return err
	}
	if receipt.Request != call.Request {
		return once.ErrMismatch
	}
	results[row] = []byte(receipt.Result)
	return nil
}
