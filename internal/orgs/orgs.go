// Package orgs knows organizations: the tenants, each with exactly one owner, a unique
// slug and a Default team.
package orgs

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// Org is an organization.
type Org struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Slug          string    `json:"slug"`
	OwnerID       string    `json:"owner_id"`
	DefaultTeamID string    `json:"default_team_id"`
	CreatedAt     time.Time `json:"created_at"`
	DeletedAt     time.Time `json:"deleted_at,omitempty"` // zero while it lives

	// How many budgets there are: whoever has read the org looks for none where there are none.
	TeamBudgets   int `json:"budgets_team,omitempty"`
	MemberBudgets int `json:"budgets_member,omitempty"`
	KeyBudgets    int `json:"budgets_key,omitempty"`
}

// Live reports whether the org has not been deleted.
func (o Org) Live() bool { return o.DeletedAt.IsZero() }

// The org's own faults.
var (
	ErrSlugTaken        = fault.New(fault.Conflict, "slug_taken", "Another organization has this slug.")
	ErrConfirm          = fault.BadField("body.confirm", "To delete the organization, repeat its slug.")
	ErrChangedMeanwhile = fault.New(fault.Conflict, "changed_meanwhile", "Somebody else changed this at the same time. Look again, then repeat.")
)

// Reader reads the caller's org.
type Reader struct {
	// Store.Org returns fault.ErrNotFound when there is none.
	Store interface {
		Org(ctx context.Context, id string) (Org, error)
	}
}

// Get returns the actor's org. It needs org:read.
func (r Reader) Get(ctx context.Context, actor authz.Actor) (Org, error) {
	if err := authz.CheckOrg(actor, authz.OrgRead); err != nil {
		return Org{}, err
	}
	return r.Store.Org(ctx, actor.OrgID)
}

func target(o Org) audit.Target { return audit.Target{Type: audit.Org, ID: o.ID, Name: o.Name} }
