package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
)

// ledgerRow is one entry of an org's credit ledger.
type ledgerRow struct {
	ID     string       `json:"id"`
	Kind   string       `json:"kind"`
	Amount money.Amount `json:"amount"`
	At     time.Time    `json:"at"`
}

// SaveFounding creates everything that a sign-up creates, or nothing.
func (s *Store) SaveFounding(ctx context.Context, f signup.Founding) error {
	t := tenant(f.Org.ID)
	answer := signup.Founded{User: f.Claim.User, Org: f.Org, Team: f.Team, Owner: f.Owner, Session: sessions.Issued{Session: f.Session}}
	return s.commit(ctx, s.receipt(ctx, 0, answer,
		spendLink(f.LinkHash),
		claim(f.Claim),
		insert(t.org(), orgRow{Org: f.Org}),
		insertSlug(f.Org.Slug, f.Org.ID),
		insert(t.team(f.Team.ID), f.Team),
		t.seat(f.Owner),
		insert(t.address(f.Owner.Email), addressRow{isMember, f.Owner.UserID}),
		insert(t.ledger(f.Audit.ID), ledgerRow{f.Audit.ID, "grant", f.Credit, f.Org.CreatedAt}),
		openSession(f.Session),
		t.record(f.Audit),
	)...)
}
