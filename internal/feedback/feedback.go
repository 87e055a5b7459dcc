// Package feedback takes in what became of mails after they went out: some bounce, and
// some recipients complain.
package feedback

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// Notice is what became of one mail.
type Notice struct {
	Outcome    invites.Delivery // Bounced or Complained
	At         time.Time
	Recipients []string
	// OrgID, InvitationID and LetterID are those of the invitation that it offered, if it
	// was one.
	OrgID, InvitationID, LetterID string
}

// Tags of a mail, by which its notice finds the invitation that it offered.
const (
	TagOrgID        = "org_id"
	TagInvitationID = "invitation_id"
	TagLetterID     = "letter_id" // which of the invitation's mails
)

// Store is what Recorder needs. Both calls may be repeated.
type Store interface {
	// SaveOutcome sets the delivery of an invitation, whatever its status, if its last mail
	// was the letter. A complaint stays, and other invitations are left alone.
	SaveOutcome(ctx context.Context, orgID, invitationID, letterID string, d invites.Delivery) error
	// Suppress stops all mails to an address.
	Suppress(ctx context.Context, address string, at time.Time) error
}

// Recorder acts on notices.
type Recorder struct{ Store Store }

// Record shows the outcome on the mail's invitation. Addresses that complained get no more
// mails: whoever mails on spoils the sender's name for everybody.
func (r Recorder) Record(ctx context.Context, n Notice) error {
	var errs []error
	if n.Outcome == invites.Complained {
		errs = append(errs, r.suppress(ctx, n))
	}
	if ident.Valid(n.OrgID) && ident.Valid(n.InvitationID) && n.LetterID != "" {
		errs = append(errs, r.Store.SaveOutcome(ctx, n.OrgID, n.InvitationID, n.LetterID, n.Outcome))
	}
	return errors.Join(errs...)
}

func (r Recorder) suppress(ctx context.Context, n Notice) error {
	var errs []error
	for _, recipient := range n.Recipients {
		normal, err := address.Normalise(recipient)
		if err != nil { // we never mailed to it
			continue
		}
		errs = append(errs, r.Store.Suppress(ctx, normal, n.At))
	}
	return errors.Join(errs...)
}
