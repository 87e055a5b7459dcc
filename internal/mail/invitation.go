package mail

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
)

var invitation = newLetter[invitationData]("invitation", "You are invited to a team on nemo-team")

type invitationData struct {
	To      string
	OrgName string
	By      members.Person
	Role    authz.Role
	Expires time.Time
	Link    string
}

// SendInvitation mails the offer of a membership, with the one link that accepts it.
func (m Mailer) SendInvitation(ctx context.Context, l invites.Letter) error {
	inv := l.Invitation
	return invitation.send(ctx, m, inv.Email, invitationData{
		To:      inv.Email,
		OrgName: l.OrgName,
		By:      members.Person{Name: inv.InvitedBy.Name, Email: inv.InvitedBy.Email},
		Role:    inv.Role,
		Expires: inv.ExpiresAt,
		Link:    m.link("/invite/" + l.Token),
	}, map[string]string{feedback.TagOrgID: inv.OrgID, feedback.TagInvitationID: inv.ID, feedback.TagLetterID: inv.LetterID()})
}
