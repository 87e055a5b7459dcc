// Package once makes a repeated call answer as the first did.
//
// A caller sends an Idempotency-Key. The store writes a receipt, the call's result under
// that key, in the same transaction as the change itself: if the answer gets lost, the
// repetition finds the receipt and changes nothing. Refused calls changed nothing, so
// they leave no receipt and are decided afresh.
package once

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Keep is how long a receipt is found.
const Keep = 24 * time.Hour

// MaxKey bounds an idempotency key, in bytes.
const MaxKey = 255

var (
	// ErrMismatch is the fault of a key that comes again with another request. The store
	// returns it when that one left its receipt meanwhile.
	ErrMismatch = fault.New(fault.Invalid, "idempotency_mismatch", "This Idempotency-Key was used for another request.")
	// ErrRaced is returned by the store when a twin of the call left a receipt meanwhile.
	// Reading the receipt answers the call.
	ErrRaced = fault.New(fault.Conflict, "idempotency_conflict", "The same request is being answered right now. Repeat it.")
)

// Call is one call with an idempotency key.
type Call struct {
	Scope   string // whose key it is: keys of different callers never meet
	Key     string
	Request string // digest of what was asked
	At      time.Time
}

// Digest identifies a request by its parts.
func Digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p)) // of fixed length, so that parts cannot run together
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

type contextKey struct{}

// With returns a context in which the store leaves receipts for c.
func With(ctx context.Context, c Call) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the call that With put into ctx.
func From(ctx context.Context) (Call, bool) {
	c, ok := ctx.Value(contextKey{}).(Call)
	return c, ok
}
