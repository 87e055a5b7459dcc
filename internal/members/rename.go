package members

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/names"
)

// Renamer lets people say what they are called.
type Renamer struct {
	// Store.RenameMember gives the member, and their user, the name of after. It returns
	// fault.ErrNotFound when they are no longer a member, and ErrStale when they are not
	// called as before.
	Store interface {
		RenameMember(ctx context.Context, before, after Member, e audit.Entry) error
	}
	Now func() time.Time
}

// Rename gives the actor, who is the member m, another name.
func (r Renamer) Rename(ctx context.Context, actor authz.Actor, m Member, name string) (Member, error) {
	name, err := names.Clean("body.name", name)
	if err != nil || name == m.Name {
		return m, err
	}
	before := m
	m.Name = name
	entry := audit.Record(r.Now(), actor, audit.MemberUpdated, m.Target(),
		audit.Values{"name": before.Name}, audit.Values{"name": name})
	return m, r.Store.RenameMember(ctx, before, m, entry)
}
