package store

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
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
	return onceKey(call.Scope, receiptPrefix(call)+strconv.Itoa(row))
}

func receiptPrefix(call once.Call) string { return call.Key + "#" }

// Receipts returns the receipts of the first n rows of a call; missing ones are nil. It reads
// those that there are, so a hundred rows that have none cost as much as one.
func (s *Store) Receipts(ctx context.Context, call once.Call, n int) ([]*once.Receipt, error) {
	l := listing{partition: onceKey(call.Scope, "").PK, prefix: receiptPrefix(call)}
	receipts := make([]*once.Receipt, n)
	for at := (position{}); ; {
		read := s.query(ctx, l, at, n+1) // one more than there are, as a rule: so that it ends at once
		if read.err != nil {
			return nil, read.err
		}
		for _, item := range read.items {
			if err := receive(receipts, call, item); err != nil {
				return nil, err
			}
		}
		if read.last == nil {
			return receipts, nil
		}
		at = l.after(0, read.last)
	}
}

// receive puts an item among the receipts if it is one of them: not if it has expired, or
// belongs to another call whose key begins with this one's.
func receive(receipts []*once.Receipt, call once.Call, item attributes) error {
	n, err := strconv.Atoi(strings.TrimPrefix(text(item, SortAttribute), receiptPrefix(call)))
	if err != nil || n >= len(receipts) {
		return nil
	}
	row, err := decodeAs[receiptRow](item)
	if err == nil && call.At.Before(row.ExpiresAt) {
		receipts[n] = &once.Receipt{Request: row.Request, Result: []byte(row.Result)}
	}
	return err
}
