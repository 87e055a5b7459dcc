// Package gateway knows the LLM gateway: the token by which it is known, and the question
// that it asks before each request, whether a key is good.
package gateway

import (
	"context"
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

// Rotator makes the gateway's tokens.
type Rotator struct {
	Store interface {
		// GatewayTokens returns the zero Tokens when there are none.
		GatewayTokens(ctx context.Context) (Tokens, error)
		// RotateGatewayTokens returns fault.ErrUnavailable when before is no longer there.
		RotateGatewayTokens(ctx context.Context, before, after Tokens) error
	}
	Now func() time.Time
}

// Rotate makes a new token, which is never to be had again. The one before stays good, the
// one before that does not.
func (r Rotator) Rotate(ctx context.Context) (token string, err error) {
	before, err := r.Store.GatewayTokens(ctx)
	if err != nil {
		return "", err
	}
	token = secret.NewToken(tokenKind)
	after := Tokens{Current: secret.Hash(token), Previous: before.Current, RotatedAt: r.Now()}
	return token, r.Store.RotateGatewayTokens(ctx, before, after)
}
