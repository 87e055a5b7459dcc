// Package audit is the record of who changed what: entries that are written in the same
// transaction as the change, and never changed or deleted.
package audit

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/page"
)

// Action is what happened, as noun.verb in the past tense.
type Action string

// All actions that are recorded.
const (
	OrgCreated              Action = "org.created"
	OrgUpdated              Action = "org.updated"
	OrgOwnershipTransferred Action = "org.ownership_transferred"
	OrgDeleted              Action = "org.deleted"
	OrgPurged               Action = "org.purged"
	TeamCreated             Action = "team.created"
	TeamUpdated             Action = "team.updated"
	TeamDeleted             Action = "team.deleted"
	MemberUpdated           Action = "member.updated"
	MemberRoleChanged       Action = "member.role_changed"
	MemberRemoved           Action = "member.removed"
	MemberLeft              Action = "member.left"
	InvitationCreated       Action = "invitation.created"
	InvitationResent        Action = "invitation.resent"
	InvitationRevoked       Action = "invitation.revoked"
	InvitationAccepted      Action = "invitation.accepted"
	InvitationDeclined      Action = "invitation.declined"
	InvitationExpired       Action = "invitation.expired"
	SessionCreated          Action = "session.created"
	SessionEnded            Action = "session.ended"
	SessionsEnded           Action = "session.all_ended"
	KeyCreated              Action = "key.created"
	KeyUpdated              Action = "key.updated"
	KeyRotated              Action = "key.rotated"
	KeyRevoked              Action = "key.revoked"
	BudgetSet               Action = "budget.set"
	BudgetDeleted           Action = "budget.deleted"
	CreditsAdded            Action = "credits.added"
)

// Kind is what sort of thing an entry is about.
type Kind string

// The kinds of targets.
const (
	Org        Kind = "org"
	Team       Kind = "team"
	Member     Kind = "member"
	Invitation Kind = "invitation"
	Session    Kind = "session"
	Key        Kind = "key"
	Budget     Kind = "budget"
)

// Entry is one line of the record. Names are copied into it: they outlive their things.
type Entry struct {
	ID        string         `json:"id"` // sorts by time
	OrgID     string         `json:"org_id"`
	At        time.Time      `json:"at"`
	Actor     Actor          `json:"actor"`
	Action    Action         `json:"action"`
	Target    Target         `json:"target"`
	Before    map[string]any `json:"before,omitempty"`
	After     map[string]any `json:"after,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	IP        string         `json:"ip,omitempty"`
	UserAgent string         `json:"user_agent,omitempty"`
}

// Actor is who did it, as they were at the time.
type Actor struct {
	UserID string     `json:"user_id,omitempty"`
	Email  string     `json:"email,omitempty"`
	Role   authz.Role `json:"role,omitempty"`
	Via    authz.Via  `json:"via"`
}

// Target is what it was done to.
type Target struct {
	Type Kind   `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Values are the parts of a thing that a change touched.
type Values map[string]any

// Record returns the entry for what actor did to target at now.
func Record(now time.Time, actor authz.Actor, action Action, target Target, before, after Values) Entry {
	return Entry{
		ID:        ident.New(now),
		OrgID:     actor.OrgID,
		At:        now,
		Actor:     Actor{UserID: actor.UserID, Email: actor.Email, Role: actor.Role, Via: actor.Via},
		Action:    action,
		Target:    target,
		Before:    before,
		After:     after,
		RequestID: actor.RequestID,
		IP:        actor.IP,
		UserAgent: actor.UserAgent,
	}
}

// Filter narrows a reading of the record. Zero fields do not narrow.
type Filter struct {
	ActorID  string
	Action   Action
	TargetID string
	From     time.Time // inclusive
	To       time.Time // exclusive
}

// Reader reads the record, newest first.
type Reader struct {
	Store interface {
		AuditEntries(ctx context.Context, orgID string, f Filter, p page.Request) (page.Of[Entry], error)
		// AuditAfter returns the cursor of the page that begins after an entry.
		AuditAfter(orgID string, f Filter, e Entry) string
	}
}

// List returns a page of the actor's org's record. It needs audit:read.
func (r Reader) List(ctx context.Context, actor authz.Actor, f Filter, p page.Request) (page.Of[Entry], error) {
	if err := authz.CheckOrg(actor, authz.AuditRead); err != nil {
		return page.Of[Entry]{}, err
	}
	return r.Store.AuditEntries(ctx, actor.OrgID, f, p)
}

// After returns the cursor of the page of List that begins after e, one of its entries.
func (r Reader) After(actor authz.Actor, f Filter, e Entry) string {
	return r.Store.AuditAfter(actor.OrgID, f, e)
}
