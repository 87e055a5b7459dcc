package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/once"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// SaveInvitations writes as many invitations in one transaction as fit, and the rest in
// further ones. Those whose conditions fail get what that means, and the others are tried
// again without them. What goes beyond the org's limit is refused at last, when it is known
// which of those before it were written.
func (s *Store) SaveInvitations(ctx context.Context, batch []invites.Creation, q invites.Quota) ([]error, error) {
	errs := make([]error, len(batch))
	open := make([]int, len(batch)) // indexes into batch that are neither written nor refused
	for i := range batch {
		open[i] = i
	}
	for room := q.Org; len(open) > 0; { // room is what the org's limit leaves at most
		n := min(fitting(ctx, batch, open), room)
		if n <= 0 {
			for _, i := range open {
				errs[i] = q.Spent(invites.ErrOrgLimit)
			}
			break
		}
		written, err := s.saveSome(ctx, batch, open[:n], q, errs, &room)
		if err != nil {
			return nil, err
		}
		if written {
			open, room = open[n:], room-n
		} else {
			open = undecided(open, errs)
		}
	}
	return errs, nil
}

// fitting is how many of the open invitations fit into one transaction: each has an
// invitation, an address, a limit, an entry, a look at complaints, and a receipt if the
// call has a key; each team has one action, and so have the org and the actor.
func fitting(ctx context.Context, batch []invites.Creation, open []int) int {
	perInvitation, actions := 5, 2
	if _, keyed := once.From(ctx); keyed {
		perInvitation++
	}
	teams := map[string]bool{}
	for n, i := range open {
		actions += perInvitation
		if team := batch[i].Invitation.TeamID; !teams[team] {
			teams[team] = true
			actions++
		}
		if actions > maxActions {
			return n
		}
	}
	return len(open)
}

// saveSome tries one transaction and reports whether it went through. If not, it has set
// errs of those that were refused, or room to what the org's limit leaves.
func (s *Store) saveSome(ctx context.Context, batch []invites.Creation, some []int, q invites.Quota, errs []error, room *int) (written bool, err error) {
	t := tenant(batch[some[0]].Invitation.OrgID)
	var writes []write
	var owners [][]int // of each write: the invitations that fail with it
	add := func(w write, indexes ...int) {
		writes, owners = append(writes, w), append(owners, indexes)
	}
	perTeam := map[string][]int{}
	for _, i := range some {
		inv := batch[i].Invitation
		for _, w := range s.receipt(ctx, batch[i].Row, inv, t.invite(inv, q, batch[i].Audit)...) {
			add(w, i)
		}
		perTeam[inv.TeamID] = append(perTeam[inv.TeamID], i)
	}
	for team, indexes := range perTeam {
		add(t.seats(team, 0, len(indexes), invites.ErrTeamGone), indexes...)
	}
	add(t.countInvitations(len(some), q, room))
	actor := batch[some[0]].Audit.Actor // one call has one
	add(t.stands(actor.UserID, actor.Role), some...)
	refusals, err := s.transact(ctx, writes)
	if err != nil {
		return false, err
	}
	for w, refusal := range refusals {
		for _, i := range owners[w] {
			if refusal != nil {
				errs[i] = refusal
			}
		}
	}
	return refusals == nil, nil
}

func undecided(open []int, errs []error) []int {
	var left []int
	for _, i := range open {
		if errs[i] == nil {
			left = append(left, i)
		}
	}
	return left
}

// invite is what writes one invitation.
func (t tenant) invite(i invites.Invitation, q invites.Quota, e audit.Entry) []write {
	return append(wanted(i),
		insert(t.invitation(i.ID), t.invitationRow(i)),
		t.takeAddress(i),
		t.countTo(i, q),
		t.record(e),
	)
}

// wanted lets an invitation queue a mail only to an address that has not complained.
func wanted(i invites.Invitation) []write {
	if i.Delivery != invites.Queued {
		return nil
	}
	return []write{require(suppressionKey(i.Email), "attribute_not_exists(pk)", nil).otherwise(invites.ErrUnwanted)}
}

// takeAddress makes the address one with a pending invitation.
func (t tenant) takeAddress(i invites.Invitation) write {
	return insert(t.address(i.Email), addressRow{isInvited, i.ID}).explained(func(old attributes) error {
		row, err := decodeAs[addressRow](old)
		if err != nil {
			return err
		}
		if row.Is == isMember {
			return members.ErrAlreadyMember
		}
		return &invites.Blocked{InvitationID: row.ID}
	})
}

// countTo counts mails to one address, per org: a count over all orgs would tell one
// tenant what others do.
func (t tenant) countTo(i invites.Invitation, q invites.Quota) write {
	return count(t.limit("TO#"+i.Email, q.Day), 1, q.To, q.End).otherwise(q.Spent(invites.ErrToLimit))
}

// errOrgQuota marks the org's limit among the refusals of a batch.
var errOrgQuota = fault.New(fault.RateLimited, "org_quota", "")

// countInvitations counts n invitations against the org's limit. If there is not enough
// room for all, it leaves in room for how many there is.
func (t tenant) countInvitations(n int, q invites.Quota, room *int) write {
	return count(t.limit("INVITES", q.Day), n, q.Org, q.End).explained(func(old attributes) error {
		var row struct{ N int }
		if err := decode(old, &row); err != nil {
			return err
		}
		*room = q.Org - row.N
		return errOrgQuota
	})
}

// SaveResend gives an invitation a new token and lifetime. An expired one takes its
// address and its place in the team's count again.
func (s *Store) SaveResend(ctx context.Context, before, after invites.Invitation, q invites.Quota, e audit.Entry) error {
	t := tenant(before.OrgID)
	var room int
	writes := append(wanted(after),
		put(t.invitation(after.ID), t.invitationRow(after)).
			when("#status = :status AND #hash = :hash", values{"status": before.Status, "hash": before.Hash}).
			otherwise(invites.ErrNotPending),
		t.countTo(after, q),
		t.countInvitations(1, q, &room).otherwise(q.Spent(invites.ErrOrgLimit)),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
	if before.Status == invites.Expired {
		writes = append(writes, t.takeAddress(after), t.seats(after.TeamID, 0, 1, invites.ErrTeamDeleted))
	}
	return s.commit(ctx, s.receipt(ctx, 0, after, writes...)...)
}

// setDelivery is the update that both ways of noting a delivery make.
const setDelivery = "SET delivery = :delivery, attempts = :attempts, due_at = :due, #hash = :hash"

func deliveryValues(i invites.Invitation) values {
	return values{"delivery": i.Delivery, "attempts": i.Attempts, "due": i.DueAt, "hash": i.Hash}
}

// SaveDelivery notes what became of a mail.
func (s *Store) SaveDelivery(ctx context.Context, i invites.Invitation, row int) error {
	note := update(tenant(i.OrgID).invitation(i.ID), setDelivery, deliveryValues(i)).
		when("#status = :pending AND #hash = :hash AND delivery = :queued", values{"pending": invites.Pending, "queued": invites.Queued}).
		otherwise(nil) // it was accepted, resent, bounced, … before we could note it
	if writes := s.amendReceipt(ctx, row, i, note); len(writes) > 1 {
		return s.commit(ctx, writes...)
	}
	return s.apply(ctx, note)
}

// ClaimDelivery takes an unsent mail for one sweep.
func (s *Store) ClaimDelivery(ctx context.Context, before, after invites.Invitation) error {
	return s.apply(ctx, update(tenant(after.OrgID).invitation(after.ID), setDelivery, deliveryValues(after)).
		when("#status = :pending AND #hash = :was AND due_at = :was_due AND delivery = :queued",
			values{"pending": invites.Pending, "queued": invites.Queued, "was": before.Hash, "was_due": before.DueAt}).
		explained(func(old attributes) error {
			if after.Hash != before.Hash && text(old, "hash") == after.Hash { // the answer got lost, and this is the second try
				return nil
			}
			return invites.ErrNotPending
		}))
}

func issued(s sessions.Session) sessions.Issued { return sessions.Issued{Session: s} }
