package orgs

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
)

// Deleter ends organizations. From the moment that it answers, nothing of the org works:
// every request reads the org with the caller's membership. The rows go later, in the
// steps of Purger.
type Deleter struct {
	Store DeleteStore
	Now   func() time.Time
}

// DeleteStore is what Deleter needs.
type DeleteStore interface {
	Org(ctx context.Context, id string) (Org, error)
	// DeleteOrg marks the org as deleted and due for the purge. It returns
	// ErrChangedMeanwhile when the org no longer is as it was read.
	DeleteOrg(ctx context.Context, o Org, e audit.Entry) error
}

// Delete ends the actor's org. It needs org:delete, and the org's slug as confirmation.
func (d Deleter) Delete(ctx context.Context, actor authz.Actor, confirm string) error {
	if err := authz.CheckOrg(actor, authz.OrgDelete); err != nil {
		return err
	}
	org, err := d.Store.Org(ctx, actor.OrgID)
	if err != nil {
		return err
	}
	if confirm != org.Slug {
		return ErrConfirm
	}
	org.DeletedAt = d.Now()
	entry := audit.Record(org.DeletedAt, actor, audit.OrgDeleted, target(org),
		audit.Values{"name": org.Name, "slug": org.Slug}, nil)
	return d.Store.DeleteOrg(ctx, org, entry)
}

// Purger removes what deleted orgs left behind.
type Purger struct {
	Store PurgeStore
	Now   func() time.Time
}

// PurgeStore is what Purger needs. Both calls may be repeated, and may run twice at once.
type PurgeStore interface {
	// PurgeStep removes some rows of a deleted org, users' claims first with their members,
	// and says whether any may be left.
	PurgeStep(ctx context.Context, o Org) (more bool, err error)
	// FinishPurge keeps the org's name as a tombstone, frees its slug and takes it off the
	// list of due things. A second call does nothing.
	FinishPurge(ctx context.Context, o Org, e audit.Entry) error
}

// Purge removes o in steps, until it is done or ctx ends. What is done stays done.
func (p Purger) Purge(ctx context.Context, o Org) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = p.Store.PurgeStep(ctx, o); err != nil {
			return err
		}
	}
	entry := audit.Record(p.Now(), authz.System(o.ID), audit.OrgPurged, target(o), nil, nil)
	return p.Store.FinishPurge(ctx, o, entry)
}
