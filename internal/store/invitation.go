package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/teams"
)

// invitationRow is an invitation as stored. It is in byDue exactly while it is pending.
type invitationRow struct {
	invites.Invitation
	ofKind
	DueShard string `json:"due_shard,omitempty"`
}

func (t tenant) invitationRow(i invites.Invitation) invitationRow {
	return invitationRow{Invitation: i, DueShard: dueShard(i.ID), ofKind: ofKind{t.statusGroup(i.Status), i.ID}}
}

func (t tenant) statusGroup(s invites.Status) string { return t.group(invitationGroup, string(s)) }

// Invitation returns an invitation, or fault.ErrNotFound.
func (s *Store) Invitation(ctx context.Context, orgID, id string) (invites.Invitation, error) {
	return fetch[invites.Invitation](ctx, s, tenant(orgID).invitation(id), fault.ErrNotFound)
}

// Invitations returns the org's invitations, newest first. One that is due counts as
// expired although it is still stored as pending. Those that were made after ripe are not,
// and not read to find that out: an org may have many.
func (s *Store) Invitations(ctx context.Context, orgID string, f invites.Filter, now, ripe time.Time, p page.Request) (page.Of[invites.Invitation], error) {
	chain := invitationListings(tenant(orgID), f.Status, now, ripe)
	if f.Delivery != "" {
		for i := range chain {
			chain[i].drop("delivery = :delivery", "delivery", f.Delivery)
		}
	}
	return list(ctx, s, p, chain, decodeAs[invites.Invitation])
}

func invitationListings(t tenant, status invites.Status, now, ripe time.Time) []listing {
	if status == "" {
		l := t.all(invitationPrefix)
		l.newest, l.values = true, values{}
		return []listing{l}
	}
	stored := t.indexed(byKind, t.statusGroup(status))
	stored.newest = true
	switch status {
	case invites.Pending:
		stored.drop("expires_at > :now", "now", now)
	case invites.Expired:
		due := t.indexed(byKind, t.statusGroup(invites.Pending))
		due.newest = true
		due.to = ident.Floor(ripe.Add(time.Millisecond)) // ids hold a bit less than times
		due.drop("expires_at <= :now", "now", now)
		return []listing{due, stored}
	}
	return []listing{stored}
}

// Offer returns an invitation and its org, in one round trip.
func (s *Store) Offer(ctx context.Context, orgID, id string) (o invites.Offer, err error) {
	t := tenant(orgID)
	items, err := s.getMany(ctx, t.invitation(id), t.org())
	if err != nil {
		return o, err
	}
	return o, decodeAll(items, &o.Invitation, &o.Org)
}

// FullOffer returns an invitation with its org, team and inviter, in two round trips.
func (s *Store) FullOffer(ctx context.Context, orgID, id string) (invites.Offer, error) {
	o, err := s.Offer(ctx, orgID, id)
	if err != nil {
		return o, err
	}
	t := tenant(orgID)
	items, err := s.getMany(ctx, t.team(o.Invitation.TeamID), t.member(o.Invitation.InvitedBy.UserID))
	if err != nil {
		return o, err
	}
	team, err := decodeAs[teams.Team](items[0])
	if err != nil {
		return o, err
	}
	o.TeamName = team.Name
	if items[1] != nil {
		inviter, err := decodeAs[members.Member](items[1])
		if err != nil {
			return o, err
		}
		o.Inviter = &inviter
	}
	return o, nil
}

// leave is how an invitation leaves pending: nothing else ends one.
func (t tenant) leave(i invites.Invitation, to invites.Status) write {
	return update(t.invitation(i.ID), "SET #status = :to, kind_key = :kind REMOVE due_shard, due_at",
		values{"to": to, "kind": t.statusGroup(to)}).
		when("#status = :pending", values{"pending": invites.Pending}).
		otherwise(invites.ErrNotPending)
}

// inTime makes w, which ends an invitation, happen only with the token that i was read
// with, and before it is due.
func inTime(w write, i invites.Invitation, now time.Time) write {
	return w.and("#hash = :hash AND expires_at > :now", values{"hash": i.Hash, "now": now})
}

// freeAddress gives the address of an invitation free for another one.
func (t tenant) freeAddress(i invites.Invitation) write {
	return remove(t.address(i.Email)).when("id = :invitation", values{"invitation": i.ID})
}

// EndInvitation revokes or declines a pending invitation. Who declines stands on the token.
func (s *Store) EndInvitation(ctx context.Context, i invites.Invitation, now time.Time, e audit.Entry) error {
	t := tenant(i.OrgID)
	writes := []write{
		inTime(t.leave(i, i.Status), i, now),
		t.freeAddress(i),
		t.seats(i.TeamID, 0, -1, invites.ErrOrgGone),
		t.record(e),
	}
	if i.Status == invites.Revoked {
		writes = append(writes, t.stands(e.Actor.UserID, e.Actor.Role))
	}
	return s.commit(ctx, writes...)
}

// SaveAcceptance spends the invitation and seats the user, or does neither.
func (s *Store) SaveAcceptance(ctx context.Context, a invites.Acceptance) error {
	t, i := tenant(a.Invitation.OrgID), a.Invitation
	return s.commit(ctx, s.receipt(ctx, 0, invites.Joined{Member: a.Member, Session: issued(a.Session)},
		inTime(t.leave(i, invites.Accepted), i, a.Now),
		claim(a.Claim),
		t.seat(a.Member),
		put(t.address(i.Email), addressRow{isMember, a.Member.UserID}).
			when("id = :invitation", values{"invitation": i.ID}).
			otherwise(invites.ErrNotPending),
		t.seats(i.TeamID, 1, -1, invites.ErrOrgGone),
		t.canGrant(i.InvitedBy.UserID, a),
		openSession(a.Session),
		t.record(a.Audit),
	)...)
}

// canGrant checks that the inviter still is who may grant the invitation's role.
func (t tenant) canGrant(inviterID string, a invites.Acceptance) write {
	return require(t.member(inviterID), "contains(:granters, #role)", values{"granters": a.Granters}).
		otherwise(invites.ErrInviterLost)
}
