package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/users"
)

// Acceptance is all that accepting writes: it spends the invitation, claims the user, adds
// the member, counts the seat in its team, opens a session and records it.
type Acceptance struct {
	Invitation Invitation // as read, pending
	Now        time.Time
	Claim      users.Claim
	Member     members.Member
	Session    sessions.Session
	Granters   []authz.Role // what the inviter must be one of
	Audit      audit.Entry
}

// AcceptStore is what Acceptor needs.
type AcceptStore interface {
	// Offer returns the invitation and its org, in one read, without the team's name and
	// the inviter. It returns fault.ErrNotFound when one of the two is missing.
	Offer(ctx context.Context, orgID, id string) (Offer, error)
	// SaveAcceptance does all of it or nothing. It returns ErrNotPending when the
	// invitation is not pending, is due or has another token; users.Known with the
	// address's user when a new one was to be made; members.ErrAlreadyInOrganization when
	// the user is in an org; ErrInviterLost when the inviter is none of Granters.
	SaveAcceptance(ctx context.Context, a Acceptance) error
	members.ClaimStore
}

// Acceptor lets invitees in.
type Acceptor struct {
	Store AcceptStore
	Now   func() time.Time
}

// Joined is the answer to an accept.
type Joined struct {
	Member  members.Member
	Session sessions.Issued
}

// acceptTries bounds how often an accept reads again after a change under its hands: a
// known user, a redelivery.
const acceptTries = 5

// Accept makes the holder of the token a member. Holding it proves control of the mailbox,
// so nothing else is asked. The name is taken for a person who has none.
func (a Acceptor) Accept(ctx context.Context, token, name string, req authz.Request) (joined Joined, err error) {
	t, err := ParseToken(token)
	if err != nil {
		return Joined{}, err
	}
	if name != "" {
		if name, err = names.Clean("body.name", name); err != nil {
			return Joined{}, err
		}
	}
	var claim *users.Claim // of a user who exists
	for range acceptTries {
		joined, err = a.accept(ctx, t, claim, name, req)
		var known users.Known
		switch {
		case errors.As(err, &known):
			again, err := members.Reclaim(ctx, a.Store, known.User)
			if err != nil {
				return Joined{}, err
			}
			claim = &again
		case errors.Is(err, ErrNotPending): // read again: it tells why, or that it was only moved
		default:
			return joined, err
		}
	}
	return Joined{}, err
}

// accept tries once, for a new user unless the address is known to have one.
func (a Acceptor) accept(ctx context.Context, t Token, known *users.Claim, name string, req authz.Request) (Joined, error) {
	now := a.Now()
	offer, err := a.Store.Offer(ctx, t.OrgID, t.InvitationID)
	if err != nil {
		return Joined{}, asUnknownLink(err)
	}
	if err := offer.check(now, t.Hash); err != nil {
		return Joined{}, err
	}
	plan, session := offer.Invitation.acceptance(now, known, name, req)
	return Joined{plan.Member, session}, a.Store.SaveAcceptance(ctx, plan)
}

// acceptance lays out what accepting the invitation writes.
func (i Invitation) acceptance(now time.Time, known *users.Claim, name string, req authz.Request) (Acceptance, sessions.Issued) {
	claim := users.Claim{New: true, User: users.User{ID: ident.New(now), Email: i.Email, CreatedAt: now}}
	if known != nil {
		claim = *known
	}
	user := &claim.User
	if user.Name == "" {
		user.Name = name
	}
	user.OrgID = i.OrgID
	member := members.New(now, *user, i.OrgID, i.TeamID, i.Role)
	session := sessions.Issue(now, member, req)
	entry := audit.Record(now, member.Actor(authz.ViaLink, req), audit.InvitationAccepted, i.Target(),
		nil, audit.Values{"role": i.Role, "team_id": i.TeamID, "user_id": user.ID})
	return Acceptance{
		Invitation: i, Now: now, Claim: claim, Member: member,
		Session: session.Session, Granters: authz.Granters(i.Role), Audit: entry,
	}, session
}
