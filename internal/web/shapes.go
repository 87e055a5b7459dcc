package web

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/teams"
	"github.com/nemorouter/nemo-team/internal/users"
)

// User is a person.
type User struct {
	ID    string `json:"id" doc:"A UUID, for life."`
	Email string `json:"email"`
	Name  string `json:"name"`
}

func userShape(u users.User) User { return User{u.ID, u.Email, u.Name} }

func userOf(m members.Member) User { return User{m.UserID, m.Email, m.Name} }

// Org is an organization.
type Org struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Slug          string    `json:"slug" doc:"Unique; the organization's path in the dashboard."`
	OwnerID       string    `json:"owner_id"`
	DefaultTeamID string    `json:"default_team_id"`
	CreatedAt     time.Time `json:"created_at"`
}

func orgShape(o orgs.Org) Org {
	return Org{o.ID, o.Name, o.Slug, o.OwnerID, o.DefaultTeamID, o.CreatedAt}
}

// Team is a part of an organization.
type Team struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Default   bool      `json:"default" doc:"The team that cannot be deleted."`
	Members   int       `json:"members" doc:"How many people sit in it."`
	Pending   int       `json:"pending_invitations"`
	CreatedAt time.Time `json:"created_at"`
}

func teamShape(t teams.Team) Team {
	return Team{t.ID, t.Name, t.Default, t.Members, t.Pending, t.CreatedAt}
}

// Member is a membership.
type Member struct {
	UserID      string     `json:"user_id"`
	Email       string     `json:"email"`
	Name        string     `json:"name"`
	Role        authz.Role `json:"role" enum:"owner,admin,member,viewer"`
	LiteLLMRole string     `json:"litellm_role" doc:"LiteLLM's name of the role."`
	TeamID      string     `json:"team_id"`
	JoinedAt    time.Time  `json:"joined_at"`
}

func memberShape(m members.Member) Member {
	return Member{m.UserID, m.Email, m.Name, m.Role, m.Role.LiteLLM(), m.TeamID, m.JoinedAt}
}

// Invitation is an offer of membership.
type Invitation struct {
	ID          string           `json:"id"`
	Email       string           `json:"email"`
	Role        authz.Role       `json:"role" enum:"admin,member,viewer"`
	LiteLLMRole string           `json:"litellm_role" doc:"LiteLLM's name of the role."`
	TeamID      string           `json:"team_id"`
	Status      invites.Status   `json:"status" enum:"pending,accepted,declined,revoked,expired"`
	Delivery    invites.Delivery `json:"delivery" enum:"queued,sent,bounced,complained,failed" doc:"What became of the mail."`
	ExpiresAt   time.Time        `json:"expires_at"`
	InvitedBy   Inviter          `json:"invited_by"`
	CreatedAt   time.Time        `json:"created_at"`
}

// Inviter is who sent an invitation last.
type Inviter struct {
	UserID string `json:"user_id"`
	Email  string `json:"email"`
	Name   string `json:"name"`
}

func invitationShape(now time.Time) func(invites.Invitation) Invitation {
	return func(i invites.Invitation) Invitation {
		return Invitation{
			i.ID, i.Email, i.Role, i.Role.LiteLLM(), i.TeamID, i.StatusAt(now), i.Delivery, i.ExpiresAt,
			Inviter{i.InvitedBy.UserID, i.InvitedBy.Email, i.InvitedBy.Name}, i.CreatedAt,
		}
	}
}

// Session is a sign-in's token. A repeated answer comes without it.
type Session struct {
	Token         string    `json:"token,omitempty" doc:"Send it as a bearer token. It is shown once."`
	ExpiresAt     time.Time `json:"expires_at"`
	SecretOmitted bool      `json:"secret_omitted,omitempty" doc:"True in a repeated answer: the token was shown once, in the first."`
}

func sessionShape(s sessions.Issued) Session {
	return Session{s.Token, s.ExpiresAt, s.Token == ""}
}

// Key is a virtual key.
type Key struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	UserID      string       `json:"user_id" doc:"Who holds it: it acts as them."`
	TeamID      string       `json:"team_id"`
	Scopes      []keys.Scope `json:"scopes" nullable:"false"`
	Role        authz.Role   `json:"role" doc:"The holder's. Empty if they are no longer a member."`
	LiteLLMRole string       `json:"litellm_role" doc:"LiteLLM's name of the role."`
	Start       string       `json:"start" doc:"How the key begins."`
	End         string       `json:"end" doc:"How it ends."`
	CreatedBy   string       `json:"created_by"`
	CreatedAt   time.Time    `json:"created_at"`
	ExpiresAt   *time.Time   `json:"expires_at" doc:"Null: never."`
	RevokedAt   *time.Time   `json:"revoked_at" doc:"Null: it is live."`
	RotatedAt   *time.Time   `json:"rotated_at" doc:"Null: never."`
	Models      []string     `json:"models" nullable:"false" doc:"Empty: all."`

	LastUsedOn        *string    `json:"last_used_on" format:"date" doc:"The day, in UTC, of the last request that the gateway reported. Null: not in this month or the last."`
	RequestsPerMinute int        `json:"requests_per_minute" doc:"0: no limit."`
	PreviousUntil     *time.Time `json:"previous_until" doc:"Until when the secret before the last rotation works. Null: it got no grace."`
}

func keyShape(k keys.Held) Key {
	return Key{
		k.ID, k.Name, k.UserID, k.TeamID, k.Scopes, k.Role, k.Role.LiteLLM(), k.Start, k.End,
		k.CreatedBy, k.CreatedAt, orNull(k.ExpiresAt), orNull(k.RevokedAt), orNull(k.RotatedAt), orEmpty(k.Models),
		dayOrNull(k.LastUsed), k.RequestsPerMinute, previousUntil(k.Key),
	}
}

// dayOrNull shows the day of a time, and a zero time as null.
func dayOrNull(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	day := t.Format(time.DateOnly)
	return &day
}

func previousUntil(k keys.Key) *time.Time {
	if !k.PreviousUntil.After(k.RotatedAt) { // the rotation gave it no grace
		return nil
	}
	return &k.PreviousUntil
}

// orNull shows a zero time as null.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// AuditEntry is one line of the record of who changed what.
type AuditEntry struct {
	ID        string         `json:"id"`
	At        time.Time      `json:"at"`
	Actor     AuditActor     `json:"actor"`
	Action    audit.Action   `json:"action" example:"invitation.accepted"`
	Target    AuditTarget    `json:"target"`
	Before    map[string]any `json:"before" doc:"What changed, as it was."`
	After     map[string]any `json:"after" doc:"What changed, as it is."`
	RequestID string         `json:"request_id"`
	IP        string         `json:"ip"`
	UserAgent string         `json:"user_agent"`
}

// AuditActor is who did it, as they were at the time.
type AuditActor struct {
	UserID string     `json:"user_id"`
	Email  string     `json:"email"`
	Role   authz.Role `json:"role"`
	Via    authz.Via  `json:"via" enum:"session,key,link,gateway,system"`
}

// AuditTarget is what it was done to.
type AuditTarget struct {
	Type audit.Kind `json:"type"`
	ID   string     `json:"id"`
	Name string     `json:"name"`
}

func auditShape(e audit.Entry) AuditEntry {
	return AuditEntry{
		e.ID, e.At, AuditActor(e.Actor), e.Action, AuditTarget(e.Target), e.Before, e.After, e.RequestID, e.IP, e.UserAgent,
	}
}
