package members

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// Transfer moves the ownership of an org: From becomes admin, To becomes owner.
type Transfer struct {
	From  Member // as read, role owner
	To    Member // as read
	Audit audit.Entry
	News  *News
}

// ErrOwnerAlready is the fault of a transfer to oneself.
var ErrOwnerAlready = fault.BadField("body.user_id", "This person is the owner already.")

// Transferor moves ownership, the only way in which an org's owner changes.
type Transferor struct {
	Store ChangeStore
	Tell  Teller
	Now   func() time.Time
}

// Transfer makes userID the owner and the actor an admin. It needs org:transfer, and
// userID to be a member. Both are told by mail.
func (t Transferor) Transfer(ctx context.Context, actor authz.Actor, userID string) (owner Member, err error) {
	if err := authz.CheckOrg(actor, authz.OrgTransfer); err != nil {
		return Member{}, err
	}
	if userID == actor.UserID {
		return Member{}, ErrOwnerAlready
	}
	err = untilFresh(ctx, func(ctx context.Context) error {
		owner, err = t.transfer(ctx, actor, userID)
		return err
	})
	return owner, err
}

func (t Transferor) transfer(ctx context.Context, actor authz.Actor, userID string) (Member, error) {
	from, err := t.Store.Member(ctx, actor.OrgID, actor.UserID)
	if err != nil {
		return Member{}, err
	}
	if from.Role != authz.Owner { // they were, when this request began
		return Member{}, authz.ErrForbidden
	}
	to, err := t.Store.Member(ctx, actor.OrgID, userID)
	if err != nil {
		return Member{}, err
	}
	now := t.Now()
	entry := audit.Record(now, actor, audit.OrgOwnershipTransferred,
		audit.Target{Type: audit.Org, ID: actor.OrgID, Name: actor.OrgName},
		audit.Values{"owner": from.Email, "owner_id": from.UserID},
		audit.Values{"owner": to.Email, "owner_id": to.UserID})
	news := newNews(now, actor, outbox.OwnershipTransferred, to, authz.Owner)
	if err := t.Store.TransferOwnership(ctx, Transfer{From: from, To: to, Audit: entry, News: news}); err != nil {
		return Member{}, err
	}
	t.Tell.tell(ctx, news)
	to.Role = authz.Owner
	return to, nil
}
