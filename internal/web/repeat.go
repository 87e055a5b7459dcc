package web

import (
	"context"
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/once"
)

// Receipts finds what an earlier call with the same idempotency key left.
type Receipts interface {
	// Receipts returns the results that a call left, as JSON, by row. It returns
	// once.ErrMismatch if another request had the call's key.
	Receipts(ctx context.Context, c once.Call) (map[int][]byte, error)
}

// Repeatable is the header that a call which creates may carry.
type Repeatable struct {
	Key string `header:"Idempotency-Key" maxLength:"255" doc:"Any text that you choose. Repeating the call with it, within 24 h, changes nothing more and answers as the first call did; secrets are left out."`
}

// Resolve refuses a key that is no text: keys that differ in nothing else would be stored as one.
func (r *Repeatable) Resolve(huma.Context) []error {
	if utf8.ValidString(r.Key) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "header.Idempotency-Key", Message: "This is not text in UTF-8."}}
}

// Replayed is the header of an answer that repeats an earlier one.
type Replayed struct {
	Replayed string `header:"Idempotency-Replayed" doc:"\"true\" if this repeats an earlier answer."`
}

func (r *Replayed) mark(is bool) {
	if is {
		r.Replayed = "true"
	}
}

// call identifies a request for repetition: who asks (scope), under which key, for what.
func (a *API) call(h Repeatable, scope, operation string, body any) *once.Call {
	if h.Key == "" {
		return nil
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic("web: a body that was read as JSON has no JSON: " + err.Error())
	}
	return &once.Call{Scope: scope, Key: h.Key, Request: once.Digest(operation, string(b)), At: a.now()}
}

// repeat makes the call unless an earlier one left a receipt, and says which it was. T is
// what the store left as the result.
func repeat[T any](ctx context.Context, a *API, c *once.Call, do func(context.Context) (T, error)) (result T, again bool, err error) {
	if c == nil {
		result, err = do(ctx)
		return result, false, err
	}
	results, err := earlier[T](ctx, a, c)
	if err != nil {
		return result, false, err
	}
	if results[0] != nil {
		return *results[0], true, nil
	}
	result, err = do(once.With(ctx, *c))
	if mayBeTwins(err) {
		results, why := earlier[T](ctx, a, c)
		switch {
		case errors.Is(why, once.ErrMismatch):
			err = why
		case why == nil && results[0] != nil:
			return *results[0], true, nil
		}
	}
	return result, false, err
}

// mayBeTwins reports whether a call may have failed because a twin of it was quicker. The
// twin changed what the call rests on, so it shows as whatever fault that makes: a spent
// link, an accepted invitation. The receipt, there by now, tells.
func mayBeTwins(err error) bool {
	return err != nil && !errors.Is(err, fault.ErrUnavailable) && !errors.Is(err, fault.ErrInternal)
}

// earlier returns the results that an earlier call left, by row.
func earlier[T any](ctx context.Context, a *API, c *once.Call) (map[int]*T, error) {
	receipts, err := a.calls.Receipts(ctx, *c)
	if err != nil {
		return nil, err
	}
	results := make(map[int]*T, len(receipts))
	for row, receipt := range receipts {
		results[row] = new(T)
		if err := json.Unmarshal(receipt, results[row]); err != nil {
			return nil, err
		}
	}
	return results, nil
}
