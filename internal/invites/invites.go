// Package invites knows invitations: an address, a role and a team, offered once by mail
// and good for seven days. An invitation leaves pending exactly once.
package invites

import (
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/secret"
	"github.com/nemorouter/nemo-team/internal/users"
)

// Lifetime of an invitation, unless configured otherwise.
const Lifetime = 7 * 24 * time.Hour

// Status is where in its life an invitation is.
type Status string

// The statuses. Pending is the only one that can be left, but for Expired, which a resend
// makes pending again.
const (
	Pending  Status = "pending"
	Accepted Status = "accepted"
	Declined Status = "declined"
	Revoked  Status = "revoked"
	Expired  Status = "expired"
)

// Delivery is what became of the invitation's mail.
type Delivery string

// The states of delivery.
const (
	Queued     Delivery = "queued" // to be sent, by the request or else by the sweep
	Sent       Delivery = "sent"
	Bounced    Delivery = "bounced"
	Complained Delivery = "complained"
	Failed     Delivery = "failed" // given up after MaxAttempts, or the address wants no mail
)

// Invitation is an offer of membership.
type Invitation struct {
	ID        string     `json:"id"`
	OrgID     string     `json:"org_id"`
	Email     string     `json:"email"`
	Role      authz.Role `json:"role"`
	TeamID    string     `json:"team_id"`
	Status    Status     `json:"status"` // as stored; see StatusAt
	Delivery  Delivery   `json:"delivery"`
	InvitedBy Inviter    `json:"invited_by"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`

	// Hash of the token in the last mail. Only that link works.
	Hash string `json:"hash"`
	// Attempts is how often the sweep has taken up the mail of this token's predecessors.
	Attempts int `json:"attempts"`
	// DueAt is when the sweep must look at the invitation again: to expire it, or to send
	// the mail that the request did not manage to send.
	DueAt time.Time `json:"due_at,omitempty"`
}

// Inviter is who offers: the sender of the last mail. Their standing counts at accept.
type Inviter struct {
	UserID string `json:"user_id"`
	Email  string `json:"email"`
	Name   string `json:"name,omitempty"`
}

// Display is what to call the inviter.
func (i Inviter) Display() string { return users.Display(i.Name, i.Email) }

// StatusAt is the status at now: what is due has expired, whether or not the sweep has run.
func (i Invitation) StatusAt(now time.Time) Status {
	if i.Status == Pending && !now.Before(i.ExpiresAt) {
		return Expired
	}
	return i.Status
}

// Target names the invitation in audit entries.
func (i Invitation) Target() audit.Target {
	return audit.Target{Type: audit.Invitation, ID: i.ID, Name: i.Email}
}

// values is what audit entries tell of the invitation.
func (i Invitation) values() audit.Values {
	return audit.Values{"role": i.Role, "team_id": i.TeamID, "expires_at": i.ExpiresAt.UTC().Format(time.RFC3339)}
}

// The invitations' own faults.
var (
	ErrExists      = fault.New(fault.Conflict, "invitation_exists", "An invitation to this address is pending. Resend or revoke it.")
	ErrTeamGone    = fault.BadField("body.team_id", "The organization has no such team.")
	ErrTeamDeleted = fault.New(fault.Conflict, "team_deleted", "The team of this invitation was deleted. Invite anew, to another team.")
	ErrOrgLimit    = fault.New(fault.RateLimited, "rate_limited", "The organization has sent as many invitations as it may in a day.")
	ErrToLimit     = fault.New(fault.RateLimited, "rate_limited", "This address has been invited as often as it may be in a day.")
	ErrAccepted    = fault.New(fault.Conflict, "invitation_accepted", "This invitation has been accepted already.")
	ErrDeclined    = fault.New(fault.Conflict, "invitation_declined", "This invitation was declined.")
	ErrRevoked     = fault.New(fault.Gone, "invitation_revoked", "This invitation was withdrawn.")
	ErrExpired     = fault.New(fault.Gone, "invitation_expired", "This invitation has expired. Ask for a new one.")
	ErrUnknownLink = fault.ErrNotFound.Saying("This link does not work. If you were invited more than once, use the latest mail.")
	// ErrUnwanted is returned by the store instead of queueing a mail to an address that
	// complained about one. No caller is told: the invitation stands, and shows as failed.
	ErrUnwanted = errors.New("invites: the address wants no mail")
	// ErrNotPending is returned by the store when an invitation left pending, got a new
	// token or came due between reading and writing: read again to say which.
	ErrNotPending = fault.New(fault.Conflict, "changed_meanwhile", "The invitation changed at the same time. Look again, then repeat.")
	// ErrInviterLost says that whoever invited may no longer grant the role.
	ErrInviterLost = ErrRevoked.Saying("The person who sent this invitation may no longer invite to this role. Ask for a new one.")
	// ErrOrgGone says that the org was deleted.
	ErrOrgGone = ErrRevoked.Saying("The organization no longer exists.")
)

// leftBy names the fault of an invitation that is not pending.
var leftBy = map[Status]error{Accepted: ErrAccepted, Declined: ErrDeclined, Revoked: ErrRevoked, Expired: ErrExpired}

// checkPending returns nil while the invitation is pending at now.
func (i Invitation) checkPending(now time.Time) error { return leftBy[i.StatusAt(now)] }

const tokenKind = "nemo_invite_"

// Token opens one invitation: it names its row.
type Token struct{ OrgID, InvitationID, Hash string }

// ParseToken reads the token of an emailed link, or returns ErrUnknownLink.
func ParseToken(s string) (Token, error) {
	t, ok := secret.ParseToken(tokenKind, 2, s)
	if !ok {
		return Token{}, ErrUnknownLink
	}
	return Token{OrgID: t.IDs[0], InvitationID: t.IDs[1], Hash: t.Hash}, nil
}

// renew gives the invitation a fresh token and queues its mail. Older links are dead.
func (i *Invitation) renew() (token string) {
	token = secret.NewToken(tokenKind, i.OrgID, i.ID)
	i.Hash = secret.Hash(token)
	i.Delivery = Queued
	return token
}

// silence gives up on the invitation's mail: it will not be sent.
func (i *Invitation) silence() { i.Delivery, i.DueAt = Failed, i.ExpiresAt }

// Offer is an invitation with what its holder needs to know and the rules to decide.
type Offer struct {
	Invitation Invitation
	Org        orgs.Org
	TeamName   string
	Inviter    *members.Member // nil when they are no longer a member
}

// check returns nil if the offer can be accepted at now with the token of hash.
func (o Offer) check(now time.Time, hash string) error {
	switch {
	case o.Invitation.Hash != hash:
		return ErrUnknownLink
	case !o.Org.Live():
		return ErrOrgGone
	}
	return o.Invitation.checkPending(now)
}
