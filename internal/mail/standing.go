package mail

import (
	"context"
	"fmt"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

var (
	roleChanged       = newLetter[newsData]("role_changed", "Your role on nemo-team has changed")
	removed           = newLetter[newsData]("removed", "You were removed from an organization on nemo-team")
	ownershipReceived = newLetter[newsData]("ownership_received", "You now own an organization on nemo-team")
	ownershipGiven    = newLetter[newsData]("ownership_given", "You gave an organization on nemo-team to a new owner")
)

type newsData struct {
	members.News
	Link string
}

// KeysEnd reports whether the change of role cost the member their keys.
func (d newsData) KeysEnd() bool {
	return d.Before.Has(authz.KeysManageOwn) && !d.After.Has(authz.KeysManageOwn)
}

// SendNews tells one of those whom it concerns what was done to a membership.
func (m Mailer) SendNews(ctx context.Context, to string, n members.News) error {
	data := newsData{n, m.link("/signin")}
	switch n.Kind {
	case outbox.RoleChanged:
		return roleChanged.send(ctx, m, to, data, nil)
	case outbox.Removed:
		return removed.send(ctx, m, to, data, nil)
	case outbox.OwnershipTransferred:
		if to == n.By.Email {
			return ownershipGiven.send(ctx, m, to, data, nil)
		}
		return ownershipReceived.send(ctx, m, to, data, nil)
	default:
		return fmt.Errorf("mail: there are no words for news of the kind %q", n.Kind)
	}
}
