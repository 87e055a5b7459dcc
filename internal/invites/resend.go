package invites

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// ResendStore is what Resender needs.
type ResendStore interface {
	ExpireStore
	// SaveResend replaces before by after. It returns ErrNotPending when the invitation is
	// no longer as before, *Blocked when an expired one's address was invited anew,
	// members.ErrAlreadyMember, ErrTeamDeleted, ErrOrgLimit, ErrToLimit, ErrUnwanted when
	// the address complained and the mail is queued, or authz.ErrForbidden when the actor is
	// no longer of their role.
	SaveResend(ctx context.Context, before, after Invitation, q Quota, e audit.Entry) error
	DeliverStore
}

// Resender mails invitations again.
type Resender struct {
	Store    ResendStore
	Mail     Mailer
	Now      func() time.Time
	Lifetime time.Duration
	Limits   Limits
}

// resendTries bounds how often a resend reads again after a change under its hands.
const resendTries = 3

// Resend gives a pending or expired invitation a new token and a whole lifetime, and mails
// it. The old link is dead. From then on the actor is the inviter, so it needs the role
// within the actor's ceiling, beside invitations:manage.
func (r Resender) Resend(ctx context.Context, actor authz.Actor, id string) (inv Invitation, err error) {
	if err := authz.CheckOrg(actor, authz.InvitationsManage); err != nil {
		return Invitation{}, err
	}
	var by *Blocked
	for range resendTries {
		inv, err = r.resend(ctx, actor, id)
		if errors.As(err, &by) {
			if err := (Expirer{r.Store, r.Now}).unblock(ctx, actor.OrgID, by.InvitationID); err != nil {
				return Invitation{}, err
			}
			continue
		}
		if !errors.Is(err, ErrNotPending) {
			break
		}
	}
	return inv, existsIfBlocked(err)
}

func (r Resender) resend(ctx context.Context, actor authz.Actor, id string) (Invitation, error) {
	before, err := r.Store.Invitation(ctx, actor.OrgID, id)
	if err != nil {
		return Invitation{}, err
	}
	if before.Status != Pending && before.Status != Expired {
		return Invitation{}, leftBy[before.Status]
	}
	if err := authz.CheckGrant(actor, before.Role); err != nil {
		return Invitation{}, err
	}
	now := r.Now()
	after := before
	token := after.renew()
	after.Status, after.Attempts = Pending, 0
	after.InvitedBy = Inviter{UserID: actor.UserID, Email: actor.Email, Name: actor.Name}
	after.ExpiresAt = now.Add(r.Lifetime)
	after.DueAt = earlier(outbox.Retry(now, 0), after.ExpiresAt)
	entry := audit.Record(now, actor, audit.InvitationResent, after.Target(), before.values(), after.values())
	quota := r.Limits.quota(now, actor.OrgSince)
	err = r.Store.SaveResend(ctx, before, after, quota, entry)
	if errors.Is(err, ErrUnwanted) {
		after.silence()
		err = r.Store.SaveResend(ctx, before, after, quota, entry)
	}
	if err != nil {
		return Invitation{}, err
	}
	return Deliverer{r.Store, r.Mail, r.Now}.Deliver(ctx, Letter{Invitation: after, OrgName: actor.OrgName, Token: token}), nil
}

func existsIfBlocked(err error) error {
	var by *Blocked
	if errors.As(err, &by) {
		return ErrExists
	}
	return err
}
