package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// Code is what is wrong with a key, or OK.
type Code string

// The codes, in the order in which they are looked for.
const (
	OK              Code = "ok"
	NotFound        Code = "not_found"
	OrgDeleted      Code = "org_deleted"
	Revoked         Code = "revoked"
	Expired         Code = "expired"
	RoleForbids     Code = "role_forbids"
	ScopeMissing    Code = "scope_missing"
	ModelNotAllowed Code = "model_not_allowed"
	CreditsSpent    Code = "credits_exhausted"
	BudgetExceeded  Code = "budget_exceeded"
	RateLimited     Code = "rate_limited"
)

// MaxQuestions is how many keys one call asks about at most.
const MaxQuestions = 100

// Question asks whether a key may be used now.
type Question struct {
	Key     string // the key itself, or
	KeyHash string // its hash
	Model   string // the one to be asked; empty means any

	Reserve    money.Amount  // to hold of the budgets that the key counts to
	ReserveFor time.Duration // zero: budgets.HoldTime
}

// Answer tells about a key. All but Code is zero for a key that is not known.
type Answer struct {
	Code Code
	Key  keys.Key
	Role authz.Role // that the key acts as: the holder's now, or less; empty if they are no longer a member

	Reservation string // that holds what was asked for; empty if there is no budget to hold it of

	BlockedBy *budgets.Budget // as it stands now, if the code is CreditsSpent or BudgetExceeded
}

// Valid reports whether the key may be used.
func (a Answer) Valid() bool { return a.Code == OK }

// ErrQuestion is the fault of a question that names no key, or two.
var ErrQuestion = fault.BadField("body", "Name either key or key_hash.")

// Standing is what a key rests on, beside itself. It is zero where nothing was found.
type Standing struct {
	Role       authz.Role // of the holder; empty if they are no longer a member
	Generation string     // of the holder's keys
	OrgKnown   bool
	OrgLive    bool

	Budgets []budgets.Budget // on the key's path, in the order of budgets.Scopes
}

// Store is what Verifier needs.
type Store interface {
	// KeysByHash returns the gateway's tokens and, in order, the keys with the hashes; nil
	// where there is none. Of a key it reads what an Answer tells. One round trip.
	KeysByHash(ctx context.Context, hashes []string) (Tokens, []*keys.Key, error)
	// Standings returns, in order, what keys rest on. One round trip; none if all are nil,
	// and a second for an org with budgets that was not met before.
	Standings(ctx context.Context, found []*keys.Key) ([]Standing, error)
	// CountRequest counts a request with the key in the minute of now, and reports whether
	// it is within limit.
	CountRequest(ctx context.Context, keyID string, now time.Time, limit int) (bool, error)
	// OpenCredits returns the budget of what an org has paid for, made if it is not there;
	// fault.ErrNotFound when the org is gone.
	OpenCredits(ctx context.Context, orgID string, now time.Time) (budgets.Budget, error)
	// Reserve holds an amount of all budgets of h, or of none and returns one without room.
	Reserve(ctx context.Context, h budgets.Hold, now time.Time) (*budgets.Budget, error)
}

// Verifier answers the gateway. It reads everything anew each time, strongly consistent:
// when a revocation has been acknowledged, no later answer is "ok".
type Verifier struct {
	Store   Store
	Now     func() time.Time
	Prepaid bool // whether orgs may spend no more than they have paid for
}

// Verify answers up to MaxQuestions questions of the holder of a gateway token, in order.
// It needs two round trips; see Store.
func (v Verifier) Verify(ctx context.Context, token string, questions []Question) ([]Answer, error) {
	hashes, err := hashesOf(questions)
	if err != nil {
		return nil, err
	}
	tokens, found, err := v.Store.KeysByHash(ctx, hashes)
	if err != nil {
		return nil, err
	}
	if err := tokens.Check(token); err != nil {
		return nil, err
	}
	now := v.Now()
	count := v.count(ctx, questions, found, now)
	standings, err := v.Store.Standings(ctx, found)
	within, countErr := count()
	if err := errors.Join(err, countErr); err != nil {
		return nil, err
	}
	if err := v.credit(ctx, found, standings, now); err != nil {
		return nil, err
	}
	answers := make([]Answer, len(questions))
	for i, q := range questions {
		answers[i] = judge(q, found[i], standings[i], now)
		if answers[i].Valid() && !within[i] {
			answers[i].Code = RateLimited
		}
	}
	return answers, v.reserve(ctx, questions, found, standings, answers, now)
}

// count starts to count the requests of keys that have a limit per minute and are good as
// far as they tell themselves; the standing of their holders is read at the same time. The
// function that it returns waits and says which requests are within their limits.
func (v Verifier) count(ctx context.Context, questions []Question, found []*keys.Key, now time.Time) (wait func() ([]bool, error)) {
	within, errs := make([]bool, len(questions)), make([]error, len(questions))
	var wg sync.WaitGroup
	for i, k := range found {
		within[i] = k == nil || k.RequestsPerMinute == 0 || !k.Serves(questions[i].Model, now)
		if !within[i] {
			wg.Go(func() { within[i], errs[i] = v.Store.CountRequest(ctx, k.ID, now, k.RequestsPerMinute) })
		}
	}
	return func() ([]bool, error) {
		wg.Wait()
		return within, errors.Join(errs...)
	}
}

// hashesOf reads the questions. A malformed key has a hash like any other, which is not
// found like any other; what cannot be a hash is looked for as one.
func hashesOf(questions []Question) ([]string, error) {
	hashes := make([]string, len(questions))
	for i, q := range questions {
		if err := q.checkReserve(); err != nil {
			return nil, err
		}
		switch {
		case (q.Key == "") == (q.KeyHash == ""):
			return nil, ErrQuestion
		case q.Key != "":
			hashes[i] = secret.Hash(q.Key)
		case !secret.IsHash(q.KeyHash):
			hashes[i] = secret.Hash(q.KeyHash)
		default:
			hashes[i] = q.KeyHash
		}
	}
	return hashes, nil
}

// judge answers a question about k, which is nil if there is no such key.
func judge(q Question, k *keys.Key, s Standing, now time.Time) Answer {
	if k == nil || !s.OrgKnown {
		return Answer{Code: NotFound}
	}
	a := Answer{Code: OK, Key: *k, Role: k.ActsAs(s.Role)}
	switch {
	case !s.OrgLive:
		a.Code = OrgDeleted
	case k.Ended(now), s.Role == "", s.Generation != k.Generation:
		a.Code = Revoked
	case k.Expired(now):
		a.Code = Expired
	case !a.Role.Has(authz.KeysManageOwn):
		a.Code = RoleForbids
	case !k.Has(keys.Inference):
		a.Code = ScopeMissing
	case !k.Allows(q.Model):
		a.Code = ModelNotAllowed
	default:
		a.block(s.Budgets, now)
	}
	return a
}

// block names the first budget whose limit is reached.
func (a *Answer) block(on []budgets.Budget, now time.Time) {
	for _, b := range on {
		if !b.Blocks(now) {
			continue
		}
		a.blockBy(b.At(now))
		return
	}
}

func (a *Answer) blockBy(b budgets.Budget) {
	a.BlockedBy, a.Code = &b, BudgetExceeded
	if b.Scope == budgets.Credits {
		a.Code = CreditsSpent
	}
}
