package mail

import (
	"context"
	"errors"

	"github.com/nemorouter/nemo-team/internal/authz"
)

// Person is somebody whom a mail speaks of. The name may be empty.
type Person struct{ Name, Email string }

var (
	roleChanged       = newLetter[roleChangedData]("role_changed", "Your role on nemo-team has changed")
	removed           = newLetter[Removal]("removed", "You were removed from an organization on nemo-team")
	ownershipReceived = newLetter[handoverData]("ownership_received", "You now own an organization on nemo-team")
	ownershipGiven    = newLetter[handoverData]("ownership_given", "You gave an organization on nemo-team to a new owner")
)

// RoleChange is what the mail to a member with a new role says.
type RoleChange struct {
	OrgName       string
	By            Person
	Before, After authz.Role
}

type roleChangedData struct {
	RoleChange
	KeysEnd bool
	Link    string
}

// SendRoleChanged tells a member of their new role, and whether it cost them their keys.
func (m Mailer) SendRoleChanged(ctx context.Context, to string, c RoleChange) error {
	keysEnd := c.Before.Has(authz.KeysManageOwn) && !c.After.Has(authz.KeysManageOwn)
	return roleChanged.send(ctx, m, to, roleChangedData{c, keysEnd, m.link("/signin")}, nil)
}

// Removal is what the mail to somebody who was removed says.
type Removal struct {
	OrgName string
	By      Person
}

// SendRemoved tells a person that their membership, keys and sessions have ended.
func (m Mailer) SendRemoved(ctx context.Context, to string, r Removal) error {
	return removed.send(ctx, m, to, r, nil)
}

// Handover is what the mails about a transfer of ownership say.
type Handover struct {
	OrgName  string
	From, To Person
}

type handoverData struct {
	Handover
	Link string
}

// SendOwnershipTransferred tells the new owner and the one before. It tries both.
func (m Mailer) SendOwnershipTransferred(ctx context.Context, h Handover) error {
	data := handoverData{h, m.link("/signin")}
	return errors.Join(
		ownershipReceived.send(ctx, m, h.To.Email, data, nil),
		ownershipGiven.send(ctx, m, h.From.Email, data, nil),
	)
}
