package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/once"
	"github.com/nemorouter/nemo-team/internal/teams"
)

var day = invites.Quota{Day: "2030-01-02", End: time.Now().Add(48 * time.Hour), Org: 1000, To: 5}

// withTeams founds n teams in an org, which has an inviter.
func withTeams(t *testing.T, s *Store, org tenant, n int) []string {
	t.Helper()
	if err := s.commit(t.Context(), insert(org.member(inviter), members.Member{Role: authz.Admin})); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, n)
	for i := range ids {
		team := teams.New(time.Now(), string(org), "a team")
		ids[i] = team.ID
		if err := s.commit(t.Context(), insert(org.team(team.ID), team)); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

const inviter = "an inviter"

func entry(org tenant) audit.Entry {
	return audit.Record(time.Now(), authz.System(string(org)), audit.TeamCreated, audit.Target{ID: "a target"}, nil, nil)
}

// creations are n invitations, each to the next of the teams.
func creations(org tenant, teams []string, n int) []invites.Creation {
	now := time.Now()
	batch := make([]invites.Creation, n)
	for i := range batch {
		e := entry(org)
		e.Actor.UserID, e.Actor.Role = inviter, authz.Admin
		batch[i] = invites.Creation{Row: i, Audit: e, Invitation: invites.Invitation{
			ID: ident.New(now), OrgID: string(org), Email: fmt.Sprintf("row%d@example.com", i), Role: authz.Member,
			TeamID: teams[i%len(teams)], Status: invites.Pending, ExpiresAt: now.Add(time.Hour), DueAt: now.Add(time.Hour),
		}}
	}
	return batch
}

// wantPending fails the test unless the teams count n pending invitations together.
func wantPending(t *testing.T, s *Store, org tenant, teams []string, n int) {
	t.Helper()
	sum := 0
	for _, id := range teams {
		team, err := s.Team(t.Context(), string(org), id)
		if err != nil {
			t.Fatal(err)
		}
		sum += team.Pending
	}
	if sum != n {
		t.Errorf("the teams count %d pending, want %d", sum, n)
	}
}

// A hundred rows for a hundred teams, with receipts, take as few transactions as DynamoDB's
// limit allows, and none above it.
func TestSaveInvitations_packs(t *testing.T) {
	s, tap := open(t)
	org := newTenant()
	teams := withTeams(t, s, org, 100)
	tap.sent = nil
	ctx := once.With(t.Context(), once.Call{Scope: string(org), Key: "a key", At: time.Now()})
	errs, err := s.SaveInvitations(ctx, creations(org, teams, 100), day)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if err != nil {
			t.Errorf("row %d: %v", i, err)
		}
	}
	if len(tap.sent) != 8 { // seven actions each, and one: 14 in a hundred actions
		t.Errorf("it took %d transactions", len(tap.sent))
	}
	for _, r := range tap.sent {
		if n := len(r.body["TransactItems"].([]any)); n > maxActions {
			t.Errorf("a transaction has %d actions", n)
		}
	}
	wantPending(t, s, org, teams, 100)
}

// Bad rows are told why, wherever they are and however many; the good ones are written.
func TestSaveInvitations_partialFailures(t *testing.T) {
	s, _ := open(t)
	org := newTenant()
	teams := withTeams(t, s, org, 7)
	batch := creations(org, teams, 100)
	gone := ident.New(time.Now())
	want := make([]error, len(batch))
	pending := &invites.Blocked{}
	for i := range batch {
		inv := &batch[i].Invitation
		switch {
		case i%10 == 3: // the address is a member's
			want[i] = members.ErrAlreadyMember
			if err := s.commit(t.Context(), insert(org.address(inv.Email), addressRow{isMember, "somebody"})); err != nil {
				t.Fatal(err)
			}
		case i%10 == 5: // the address is invited
			want[i] = pending
			if err := s.commit(t.Context(), insert(org.address(inv.Email), addressRow{isInvited, "an invitation"})); err != nil {
				t.Fatal(err)
			}
		case i%10 == 7 || i >= 96: // there is no such team
			want[i], inv.TeamID = invites.ErrTeamGone, gone
		}
	}
	errs, err := s.SaveInvitations(t.Context(), batch, day)
	if err != nil {
		t.Fatal(err)
	}
	good := 0
	for i, err := range errs {
		var blocked *invites.Blocked
		switch {
		case want[i] == nil && err == nil:
			good++
		case want[i] == pending && errors.As(err, &blocked) && blocked.InvitationID == "an invitation":
		case want[i] == nil || !errors.Is(err, want[i]):
			t.Errorf("row %d: got %v, want %v", i, err, want[i])
		}
		_, err := s.Invitation(t.Context(), string(org), batch[i].Invitation.ID)
		if written := err == nil; written != (want[i] == nil) {
			t.Errorf("row %d is written: %v", i, written)
		}
	}
	wantPending(t, s, org, teams, good)
}

// The day's limit cuts a batch where it ends, and says when to come back.
func TestSaveInvitations_limit(t *testing.T) {
	s, _ := open(t)
	for _, limit := range []int{0, 1, 15, 16, 17, 50, 99, 100} {
		org := newTenant()
		teams := withTeams(t, s, org, 1)
		q := day
		q.Org, q.Wait = limit, time.Hour
		errs, err := s.SaveInvitations(t.Context(), creations(org, teams, 100), q)
		if err != nil {
			t.Fatal(err)
		}
		for i, err := range errs {
			if i < limit && err != nil || i >= limit && (!errors.Is(err, invites.ErrOrgLimit) || fault.As(err).RetryAfter != time.Hour) {
				t.Errorf("limit %d, row %d: %v", limit, i, err)
			}
		}
		wantPending(t, s, org, teams, limit)
	}
}

// A limit of nothing allows nothing, on every path that counts.
func TestCount_nothing(t *testing.T) {
	s, _ := open(t)
	full := errors.New("full")
	for _, c := range []struct{ n, limit int }{{1, 0}, {2, 1}} {
		if err := s.commit(t.Context(), count(newTenant().limit("X", "d"), c.n, c.limit, time.Now()).otherwise(full)); err != full {
			t.Errorf("%d of %d: %v", c.n, c.limit, err)
		}
	}
}
