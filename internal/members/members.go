// Package members knows who is in an org, in which team and role. A user holds at most
// one membership, anywhere.
package members

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/users"
)

// Member is a user's one membership.
type Member struct {
	OrgID    string     `json:"org_id"`
	UserID   string     `json:"user_id"`
	Email    string     `json:"email"`
	Name     string     `json:"name,omitempty"`
	Role     authz.Role `json:"role"`
	TeamID   string     `json:"team_id"`
	JoinedAt time.Time  `json:"joined_at"`
	SeenAt   time.Time  `json:"seen_at,omitempty"` // in their browser; see Watcher

	// Sessions and Keys are the current generations of the member's sessions and keys.
	// Each session and key carries the generation that it was made in and is dead when
	// the member's is another: one write ends them all, and a rejoining person starts
	// with none.
	Sessions string `json:"sessions"`
	Keys     string `json:"keys"`
	// LiveKeys has the ids of the keys that are not revoked, so that one transaction can
	// revoke them with the membership. It has no more than the ids: whoever verifies a key
	// waits for its holder's row, which they must not make a large one.
	LiveKeys map[string]bool `json:"live_keys"`
}

// New returns the membership of u, from now on, with fresh generations.
func New(now time.Time, u users.User, orgID, teamID string, role authz.Role) Member {
	return Member{
		OrgID: orgID, UserID: u.ID, Email: u.Email, Name: u.Name, Role: role, TeamID: teamID,
		JoinedAt: now, Sessions: ident.New(now), Keys: ident.New(now), LiveKeys: map[string]bool{},
	}
}

// Display is what to call the member.
func (m Member) Display() string { return users.Display(m.Name, m.Email) }

// Actor returns the member as the one who acts.
func (m Member) Actor(via authz.Via, r authz.Request) authz.Actor {
	return authz.Actor{
		Request: r, Via: via, UserID: m.UserID, Email: m.Email, Name: m.Name,
		OrgID: m.OrgID, TeamID: m.TeamID, Role: m.Role,
	}
}

// Target names the member in audit entries.
func (m Member) Target() audit.Target {
	return audit.Target{Type: audit.Member, ID: m.UserID, Name: m.Email}
}

// The members' own faults.
var (
	ErrAlreadyMember         = fault.New(fault.Conflict, "already_member", "This person is already a member of the organization.")
	ErrAlreadyInOrganization = fault.New(fault.Conflict, "already_in_organization", "You already belong to an organization. Leave it first, then open the link again.")
	ErrOwnerCannotLeave      = authz.ErrOwnerProtected.Saying("The owner cannot leave. Transfer the ownership or delete the organization.")
	// ErrStale is returned by the store when a member changed since it was read.
	ErrStale = fault.New(fault.Conflict, "changed_meanwhile", "Somebody else changed this member at the same time. Look again, then repeat.")
)

// Filter narrows a list of members. Zero fields do not narrow.
type Filter struct {
	TeamID string
	Role   authz.Role
	Query  string // the start of an address or of a name
}

// Reader reads members.
type Reader struct {
	Store interface {
		// Member returns fault.ErrNotFound when the org has no such member.
		Member(ctx context.Context, orgID, userID string) (Member, error)
		Members(ctx context.Context, orgID string, f Filter, p page.Request) (page.Of[Member], error)
		// SeveralMembers returns those of the users who are members, by id.
		SeveralMembers(ctx context.Context, orgID string, userIDs []string) (map[string]Member, error)
		KeyStore
	}
}

// Get returns one member. It needs members:read.
func (r Reader) Get(ctx context.Context, actor authz.Actor, userID string) (Member, error) {
	if err := authz.CheckOrg(actor, authz.MembersRead); err != nil {
		return Member{}, err
	}
	return r.Store.Member(ctx, actor.OrgID, userID)
}

// List returns members. It needs members:read.
func (r Reader) List(ctx context.Context, actor authz.Actor, f Filter, p page.Request) (page.Of[Member], error) {
	if err := authz.CheckOrg(actor, authz.MembersRead); err != nil {
		return page.Of[Member]{}, err
	}
	return r.Store.Members(ctx, actor.OrgID, f, p)
}

// LiveKeys returns the keys of a member that are not revoked. It needs members:read.
func (r Reader) LiveKeys(ctx context.Context, actor authz.Actor, m Member) ([]keys.Key, error) {
	if err := authz.CheckOrg(actor, authz.MembersRead); err != nil {
		return nil, err
	}
	return liveKeys(ctx, r.Store, m)
}

// Several returns those of the users who are members, by id. It needs members:read.
func (r Reader) Several(ctx context.Context, actor authz.Actor, userIDs []string) (map[string]Member, error) {
	if err := authz.CheckOrg(actor, authz.MembersRead); err != nil {
		return nil, err
	}
	return r.Store.SeveralMembers(ctx, actor.OrgID, userIDs)
}
