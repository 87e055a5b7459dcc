package credits

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

// MaxTopUp bounds one top-up.
const MaxTopUp = 1_000_000 * money.Dollar

// The faults of top-ups.
var (
	ErrAmount = fault.BadField("body.amount_usd", "A top-up is more than 0 and at most 1,000,000 dollars.")
	ErrNote   = fault.BadField("body.note", "A note has at most 200 characters, and no line breaks.")
)

// TopUpStore is what TopUpper needs.
type TopUpStore interface {
	gateway.TokenStore
	// Org returns fault.ErrNotFound when there is none.
	Org(ctx context.Context, id string) (orgs.Org, error)
	// AddCredits adds an entry to the ledger of an org, and its amount to what a prepaid org
	// may spend. It returns fault.ErrNotFound when the org is gone.
	AddCredits(ctx context.Context, orgID string, e Entry, a audit.Entry) error
}

// TopUpper adds to the credits of orgs, for the gateway: whoever takes the money.
type TopUpper struct {
	Store TopUpStore
	Now   func() time.Time
}

// Admit returns fault.ErrUnauthorized unless token is the gateway's: only then may TopUp be
// called, or what it answered before be told.
func (t TopUpper) Admit(ctx context.Context, token string) error {
	return gateway.Admit(ctx, t.Store, token)
}

// TopUp adds an amount to an org's credits, for the gateway.
func (t TopUpper) TopUp(ctx context.Context, orgID string, amount money.Amount, note string, req authz.Request) (Entry, error) {
	if amount <= 0 || amount > MaxTopUp {
		return Entry{}, ErrAmount
	}
	if note = strings.TrimSpace(note); len(note) > 200 || strings.ContainsFunc(note, unicode.IsControl) {
		return Entry{}, ErrNote
	}
	org, err := t.Store.Org(ctx, orgID)
	if err != nil {
		return Entry{}, err
	}
	if !org.Live() {
		return Entry{}, fault.ErrNotFound
	}
	now := t.Now()
	actor := authz.Actor{Request: req, Via: authz.ViaGateway, OrgID: orgID}
	record := audit.Record(now, actor, audit.CreditsAdded, audit.Target{Type: audit.Org, ID: orgID, Name: org.Name}, nil,
		audit.Values{"amount_usd": amount.String(), "note": note})
	e := Entry{ID: ident.New(now), Kind: TopUp, Amount: amount, At: now, Note: note}
	return e, t.Store.AddCredits(ctx, orgID, e, record)
}
