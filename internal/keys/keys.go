// Package keys knows virtual keys: the credentials that people give to programs. A key
// acts as its holder and never does more than they may.
package keys

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
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
	Email     string    `json:"email"`   // the holder's, for life
	TeamID    string    `json:"team_id"` // the holder's at the time of creation
	Name      string    `json:"name"`
	Start     string    `json:"start"` // the first and last characters, to tell keys apart
	End       string    `json:"end"`
	Scopes    []Scope   `json:"scopes"`
	CreatedBy string    `json:"created_by"` // a user's id
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at,omitempty"` // zero: never
	RevokedAt time.Time `json:"revoked_at,omitempty"` // zero: live
	RotatedAt time.Time `json:"rotated_at,omitempty"` // zero: never
	Limits

	// Ceiling is the role of somebody else who was shown the secret; empty if nobody was.
	// The key does no more than that role may, also when its holder has risen above it: see
	// ActsAs.
	Ceiling authz.Role `json:"ceiling,omitempty"`

	// Hash of the secret. It finds the key and is never shown.
	Hash string `json:"hash"`
	// Generation is the holder's generation of keys (members.Member) at creation. A key of
	// an earlier generation is dead.
	Generation string `json:"generation"`
	// Revision counts edits and rotations.
	Revision int `json:"revision"`

	// PreviousHash is of the secret before the last rotation, which works until
	// PreviousUntil.
	PreviousHash  string    `json:"previous_hash,omitempty"`
	PreviousUntil time.Time `json:"previous_until,omitempty"`
	// GraceUntil is when this secret stops, once another has replaced it. It is only in the
	// copy of the key that is found by an old secret's hash.
	GraceUntil time.Time `json:"grace_until,omitempty"`
}

// Limits are what of a key's use its holder may bound.
type Limits struct {
	// Models that may be asked, by name, or by the start of a name and a "*"; empty means all.
	Models []string `json:"models,omitempty"`
	// RequestsPerMinute is counted by the minute of the clock; 0 means no limit.
	RequestsPerMinute int `json:"requests_per_minute,omitempty"`
}

// Allows reports whether the model may be asked; the empty name stands for any.
func (l Limits) Allows(model string) bool {
	if model == "" || len(l.Models) == 0 {
		return true
	}
	return slices.ContainsFunc(l.Models, func(allowed string) bool {
		start, wild := strings.CutSuffix(allowed, "*")
		return model == allowed || wild && strings.HasPrefix(model, start)
	})
}

// Bounds of Limits. MaxModelNames keeps what is read of a key to verify it within 4 KB, which
// is one read unit, and a page of a hundred audit entries, which tell the models before and
// after an edit, within the 6 MB that a function answers.
const (
	MaxModels            = 100
	MaxModelName         = 128  // bytes
	MaxModelNames        = 2048 // bytes, of all of a key's
	MaxRequestsPerMinute = 1_000_000
)

// check returns the fault of limits that cannot be kept.
func (l Limits) check() error {
	if len(l.Models) > MaxModels {
		return fault.BadField("body.models", "A key lists at most 100 models.")
	}
	if len(strings.Join(l.Models, "")) > MaxModelNames {
		return fault.BadField("body.models", "The names of a key's models have at most 2,048 characters in all.")
	}
	for _, m := range l.Models {
		if m == "" || len(m) > MaxModelName || strings.ContainsFunc(m, unicode.IsControl) {
			return fault.BadField("body.models", "A model's name has 1 to 128 characters.")
		}
		if at := strings.IndexByte(m, '*'); at >= 0 && at != len(m)-1 {
			return fault.BadField("body.models", "A * stands only at the end of a model's name.")
		}
	}
	if l.RequestsPerMinute < 0 || l.RequestsPerMinute > MaxRequestsPerMinute {
		return fault.BadField("body.requests_per_minute", "This is 0, for no limit, to 1,000,000.")
	}
	return nil
}

// Has reports whether the key has the scope.
func (k Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// Usable reports whether the key itself is good at now; the holder's standing is another
// question.
func (k Key) Usable(now time.Time) bool {
	return !k.Ended(now) && !k.Expired(now)
}

// Serves reports whether the key itself is good for asking the model at now.
func (k Key) Serves(model string, now time.Time) bool {
	return k.Usable(now) && k.Has(Inference) && k.Allows(model)
}

// ActsAs returns the role of which the key is, for a holder who has role now: that, but none
// above the ceiling. Who is no longer a member has the empty role, and so has their key.
func (k Key) ActsAs(role authz.Role) authz.Role {
	if k.Ceiling != "" && role != "" && role.Rank() < k.Ceiling.Rank() {
		return k.Ceiling
	}
	return role
}

// Manages reports whether the key may act for a holder who has role now: whom it cannot do all
// that they do for, it does nothing for.
func (k Key) Manages(role authz.Role) bool { return k.ActsAs(role) == role }

// ceiling is that of a secret of the holder's which the actor is shown: nobody is an admin or
// the owner by a key that somebody else knows. Whoever made it may have lost their role since,
// or gone; and its holder may have risen. Who acts with such a key shows the new one too.
func ceiling(actor authz.Actor, holderID string) authz.Role {
	if actor.UserID != holderID {
		return authz.Member
	}
	return actor.Ceiling
}

// Ended reports whether the key was revoked, or this secret replaced and its grace is over.
func (k Key) Ended(now time.Time) bool {
	return !k.RevokedAt.IsZero() || !k.GraceUntil.IsZero() && !now.Before(k.GraceUntil)
}

// Expired reports whether the key's time is over.
func (k Key) Expired(now time.Time) bool {
	return !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt)
}

// The keys' own faults.
var (
	ErrLimitReached = fault.New(fault.Conflict, "key_limit_reached", "A member holds at most 40 live keys. Revoke one first.")
	ErrScopeMissing = fault.New(fault.Forbidden, "scope_missing", "This key lacks the scope that the call needs.")
	ErrOutgrown     = authz.ErrForbidden.Saying("Somebody else was shown this key, so it cannot act for an admin or the owner. Its holder can sign in and rotate it.")
	ErrUnknownScope = fault.BadField("body.scopes", "Scopes are inference and manage, each at most once.")
	ErrExpiryPast   = fault.BadField("body.expires_at", "The expiry must lie in the future.")
)

// Target names the key in audit entries.
func (k Key) Target() audit.Target { return audit.Target{Type: audit.Key, ID: k.ID, Name: k.Name} }
