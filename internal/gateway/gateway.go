// Package gateway knows the LLM gateway: the token by which it is known, and the question
// that it asks before each request, whether a key is good.
package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/secret"
)

const tokenKind = "nemo_gateway_"

// Tokens are the hashes of the gateway's tokens. Two are good at a time, so that a new one
// can be handed out before the old one is taken back.
type Tokens struct {
	Current   string    `json:"current"`
	Previous  string    `json:"previous,omitempty"`
	RotatedAt time.Time `json:"rotated_at"`
}

// IsToken tells a gateway's token from other credentials by its form.
func IsToken(s string) bool {
	_, ok := secret.ParseToken(tokenKind, 0, s)
	return ok
}

// Check returns fault.ErrUnauthorized unless token is one of the two.
func (t Tokens) Check(token string) error {
	hash := secret.Hash(token)
	if hash != t.Current && hash != t.Previous {
		return fault.ErrUnauthorized
	}
	return nil
}

// TokenStore knows the gateway's tokens.
type TokenStore interface {
	// GatewayTokens returns the zero Tokens when there are none.
	GatewayTokens(ctx context.Context) (Tokens, error)
}

// Admit returns fault.ErrUnauthorized unless token is the gateway's now.
func Admit(ctx context.Context, store TokenStore, token string) error {
	tokens, err := store.GatewayTokens(ctx)
	if err != nil {
		return err
	}
	return tokens.Check(token)
}

// Gate keeps strangers from calls that read a lot together with the token, such as a
// thousand keys. Whoever was let in last is let in again, for the call itself checks the token then; all
// others are looked at first, at the cost of a round trip.
type Gate struct {
	Store TokenStore
	last  atomic.Pointer[string] // the hash of a token that was good
}

// Admit returns fault.ErrUnauthorized if the token is known not to be the gateway's.
func (g *Gate) Admit(ctx context.Context, token string) error {
	hash := secret.Hash(token)
	if last := g.last.Load(); last != nil && *last == hash {
		return nil
	}
	if err := Admit(ctx, g.Store, token); err != nil {
		return err
	}
	g.last.Store(&hash)
	return nil
}

// Rotator makes the gateway's tokens.
type Rotator struct {
	Store interface {
		TokenStore
		// RotateGatewayTokens returns fault.ErrUnavailable when before is no longer there.
		RotateGatewayTokens(ctx context.Context, before, after Tokens) error
	}
	Now func() time.Time
}

// Rotate makes a new token, which is never to be had again. The one before stays good, the
// one before that does not. A token beside an error may be good: whoever does not try it, and
// makes another, ends the one that is in use.
func (r Rotator) Rotate(ctx context.Context) (token string, err error) {
	before, err := r.Store.GatewayTokens(ctx)
	if err != nil {
		return "", err
	}
	token = secret.NewToken(tokenKind)
	after := Tokens{Current: secret.Hash(token), Previous: before.Current, RotatedAt: r.Now()}
	return token, r.Store.RotateGatewayTokens(ctx, before, after)
}
