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

// acceptTries bounds how often an accept begins again after a change under its hands, such
// as a redelivery, and how often it learns who the address belongs to.
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
	for range acceptTries {
		joined, err = a.accept(ctx, t, name, req)
		if !errors.Is(err, ErrNotPending) { // else read again: it tells why, or that it was only moved
			break
		}
	}
	return joined, err
}

// accept reads the offer and takes it.
func (a Acceptor) accept(ctx context.Context, t Token, name string, req authz.Request) (Joined, error) {
	now := a.Now()
	offer, err := a.Store.Offer(ctx, t.OrgID, t.InvitationID)
	if err != nil {
		return Joined{}, asUnknownLink(err)
	}
	if err := offer.check(now, t.Hash); err != nil {
		return Joined{}, err
	}
	return a.take(ctx, now, offer.Invitation, name, req)
}

// take lets a new user in, or the one that the address turns out to have: only the
// transaction tells, so that strangers, who are most, need no read.
func (a Acceptor) take(ctx context.Context, now time.Time, i Invitation, name string, req authz.Request) (Joined, error) {
	claim := users.Claim{New: true, User: users.User{ID: ident.New(now), Email: i.Email, CreatedAt: now}}
	for try := 1; ; try++ {
		plan, session := i.acceptance(now, claim, name, req)
		err := a.Store.SaveAcceptance(ctx, plan)
		var known users.Known
		if !errors.As(err, &known) || try == acceptTries {
			return Joined{plan.Member, session}, err
		}
		if claim, err = members.Reclaim(ctx, a.Store, known.User); err != nil {
			return Joined{}, err
		}
		now = a.Now() // whatever made them free was before
	}
}

// acceptance lays out what accepting the invitation writes.
func (i Invitation) acceptance(now time.Time, claim users.Claim, name string, req authz.Request) (Acceptance, sessions.Issued) {
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
