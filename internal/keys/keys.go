// Package keys knows virtual keys: the credentials that people give to programs. A key
// acts as its holder and never does more than they may.
package keys

import (
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// MaxLive is how many live keys a member holds at most: the end of a membership revokes
// them all, each with an audit entry, in one transaction of 100 actions.
const MaxLive = 40

// Scope is what a key may be used for.
type Scope string

// The scopes: asking models through the gateway, and calling this API.
const (
	Inference Scope = "inference"
	Manage    Scope = "manage"
)

// Key is a virtual key, without its secret.
type Key struct {
	ID        string    `json:"id"`
	OrgID     string    `json:"org_id"`
	UserID    string    `json:"user_id"` // who holds it
	TeamID    string    `json:"team_id"` // the holder's at the time of creation
	Name      string    `json:"name"`
	Start     string    `json:"start"` // the first and last characters, to tell keys apart
	End       string    `json:"end"`
	Scopes    []Scope   `json:"scopes"`
	CreatedBy string    `json:"created_by"` // a user's id
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitempty"` // zero: never
	RevokedAt time.Time `json:"revoked_at,omitempty"` // zero: live

	// Hash of the secret. It finds the key and is never shown.
	Hash string `json:"hash"`
	// Generation is the holder's generation of keys (members.Member) at creation. A key of
	// an earlier generation is dead.
	Generation string `json:"generation"`
}

// Has reports whether the key has the scope.
func (k Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Usable reports whether the key itself is good at now; the holder's standing is another
// question.
func (k Key) Usable(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt))
}

// The keys' own faults.
var (
	ErrLimitReached = fault.New(fault.Conflict, "key_limit_reached", "A member holds at most 40 live keys. Revoke one first.")
	ErrScopeMissing = fault.New(fault.Forbidden, "scope_missing", "This key lacks the scope that the call needs.")
	ErrUnknownScope = fault.BadField("body.scopes", "Scopes are inference and manage, each at most once.")
	ErrExpiryPast   = fault.BadField("body.expires_at", "The expiry must lie in the future.")
)

// Target names the key in audit entries.
func (k Key) Target() audit.Target { return audit.Target{Type: audit.Key, ID: k.ID, Name: k.Name} }
