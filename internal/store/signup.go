package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/credits"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
)

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
		insert(t.ledger(f.Audit.ID), credits.Entry{ID: f.Audit.ID, Kind: credits.Grant, Amount: f.Credit, At: f.Org.CreatedAt}),
		openSession(f.Session),
		t.record(f.Audit),
	)...)
}
