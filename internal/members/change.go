package members

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// Change is a membership before and after, and who changed it. The store applies it only
// if the member still is as Before, and the actor still holds ActorRole: two admins who
// demote each other at once cannot both succeed.
type Change struct {
	Before    Member
	After     Member
	ActorID   string
	ActorRole authz.Role
	Ended     []keys.Key // the member's live keys, if they end with the change
	Audit     []audit.Entry
	News      *News // nil if nobody is to be told
}

// ChangeStore is what the operations on memberships need.
type ChangeStore interface {
	// Member returns fault.ErrNotFound when the org has no such member.
	Member(ctx context.Context, orgID, userID string) (Member, error)
	KeyStore
	// ChangeMember and RemoveMember return ErrStale when the member is no longer as
	// Before, or a key no longer has its name, and authz.ErrForbidden when the actor no longer has ActorRole.
	ChangeMember(ctx context.Context, c Change) error
	RemoveMember(ctx context.Context, c Change) error
	// TransferOwnership returns ErrStale when one of the two is no longer as it was read.
	TransferOwnership(ctx context.Context, t Transfer) error
}

// retries bounds how often an operation reads again after ErrStale.
const retries = 5

// untilFresh repeats try while it fails on a member that changed since it was read.
func untilFresh(ctx context.Context, try func(context.Context) error) error {
	var err error
	for range retries {
		if err = try(ctx); !errors.Is(err, ErrStale) {
			return err
		}
	}
	return err
}

// RoleChanger gives members other roles.
type RoleChanger struct {
	Store ChangeStore
	Tell  Teller
	Now   func() time.Time
}

// Change gives the member another role. It needs members:manage, the role within the
// actor's ceiling, and a member who is not the owner. A member who becomes a viewer loses
// their keys: a viewer holds none that works. The member is told by mail.
func (r RoleChanger) Change(ctx context.Context, actor authz.Actor, userID string, role authz.Role) (changed Member, err error) {
	if err := authz.CheckOrg(actor, authz.MembersManage); err != nil {
		return Member{}, err
	}
	err = untilFresh(ctx, func(ctx context.Context) error {
		m, err := r.Store.Member(ctx, actor.OrgID, userID)
		if err != nil {
			return err
		}
		changed, err = r.change(ctx, actor, m, role)
		return err
	})
	return changed, err
}

func (r RoleChanger) change(ctx context.Context, actor authz.Actor, m Member, role authz.Role) (Member, error) {
	if err := authz.CheckActOn(m.Role); err != nil {
		return m, err
	}
	if m.UserID == actor.UserID && m.Role != actor.Role { // they lost it since this request was let in
		return m, authz.ErrForbidden
	}
	if err := authz.CheckGrant(actor, role); err != nil {
		return m, err
	}
	if m.Role == role {
		return m, nil
	}
	now := r.Now()
	c := Change{Before: m, After: m, ActorID: actor.UserID, ActorRole: actor.Role}
	c.After.Role = role
	c.News = newNews(now, actor, outbox.RoleChanged, m, role)
	c.Audit = []audit.Entry{audit.Record(now, actor, audit.MemberRoleChanged, m.Target(),
		audit.Values{"role": m.Role}, audit.Values{"role": role})}
	if !role.Has(authz.KeysManageOwn) {
		if err := c.endKeys(ctx, r.Store, now, actor); err != nil {
			return m, err
		}
		c.After.Keys = ident.New(now)
		c.After.LiveKeys = map[string]bool{}
	}
	if err := r.Store.ChangeMember(ctx, c); err != nil {
		return m, err
	}
	r.Tell.tell(ctx, c.News)
	return c.After, nil
}

// endKeys revokes all live keys with the change, each with an entry of its own.
func (c *Change) endKeys(ctx context.Context, store KeyStore, now time.Time, actor authz.Actor) (err error) {
	c.Ended, err = liveKeys(ctx, store, c.Before)
	for i := range c.Ended {
		k := &c.Ended[i]
		k.RevokedAt = now
		c.Audit = append(c.Audit, audit.Record(now, actor, audit.KeyRevoked, k.Target(), nil,
			audit.Values{"user_id": c.Before.UserID, "reason": c.Audit[0].Action}))
	}
	return err
}

// Remover ends memberships.
type Remover struct {
	Store ChangeStore
	Tell  Teller
	Now   func() time.Time
}

// Remove ends the membership of userID, their keys and their sessions. It needs
// members:manage. An invitation to their address cannot be pending: in an org, an address
// is either a member's or invited. Who was removed is told by mail.
func (r Remover) Remove(ctx context.Context, actor authz.Actor, userID string) error {
	if err := authz.CheckOrg(actor, authz.MembersManage); err != nil {
		return err
	}
	return r.end(ctx, actor, userID, audit.MemberRemoved, authz.ErrOwnerProtected)
}

// Leave ends the actor's own membership. Anybody may, but the owner.
func (r Remover) Leave(ctx context.Context, actor authz.Actor) error {
	return r.end(ctx, actor, actor.UserID, audit.MemberLeft, ErrOwnerCannotLeave)
}

func (r Remover) end(ctx context.Context, actor authz.Actor, userID string, action audit.Action, ifOwner *fault.Error) error {
	return untilFresh(ctx, func(ctx context.Context) error {
		m, err := r.Store.Member(ctx, actor.OrgID, userID)
		if err != nil {
			return err
		}
		if authz.CheckActOn(m.Role) != nil {
			return ifOwner
		}
		now := r.Now()
		c := Change{Before: m, ActorID: actor.UserID, ActorRole: actor.Role}
		c.Audit = []audit.Entry{audit.Record(now, actor, action, m.Target(),
			audit.Values{"role": m.Role, "team_id": m.TeamID, "name": m.Name}, nil)}
		c.News = newNews(now, actor, outbox.Removed, m, "")
		if err := c.endKeys(ctx, r.Store, now, actor); err != nil {
			return err
		}
		if err := r.Store.RemoveMember(ctx, c); err != nil {
			return err
		}
		r.Tell.tell(ctx, c.News)
		return nil
	})
}
