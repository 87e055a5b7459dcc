package orgs

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/names"
)

// Change is what of an org is to be different. Nil fields stay.
type Change struct {
	Name *string
	Slug *string
}

// Updater renames organizations.
type Updater struct {
	Store UpdateStore
	Now   func() time.Time
}

// UpdateStore is what Updater needs.
type UpdateStore interface {
	Org(ctx context.Context, id string) (Org, error)
	// UpdateOrg returns ErrSlugTaken, ErrChangedMeanwhile when the org is no longer as
	// before was read, and authz.ErrForbidden when the actor of the entry no longer has the
	// role that it says.
	UpdateOrg(ctx context.Context, before, after Org, e audit.Entry) error
}

// Update changes name and slug of the actor's org. It needs org:update.
func (u Updater) Update(ctx context.Context, actor authz.Actor, c Change) (Org, error) {
	if err := authz.CheckOrg(actor, authz.OrgUpdate); err != nil {
		return Org{}, err
	}
	before, err := u.Store.Org(ctx, actor.OrgID)
	if err != nil {
		return Org{}, err
	}
	after, err := c.apply(before)
	if err != nil || after == before {
		return after, err
	}
	entry := audit.Record(u.Now(), actor, audit.OrgUpdated, target(after),
		audit.Values{"name": before.Name, "slug": before.Slug},
		audit.Values{"name": after.Name, "slug": after.Slug})
	return after, u.Store.UpdateOrg(ctx, before, after, entry)
}

func (c Change) apply(o Org) (Org, error) {
	if c.Name != nil {
		name, err := names.Clean("body.name", *c.Name)
		if err != nil {
			return o, err
		}
		o.Name = name
	}
	if c.Slug != nil {
		if err := names.CheckSlug("body.slug", *c.Slug); err != nil {
			return o, err
		}
		o.Slug = *c.Slug
	}
	return o, nil
}
