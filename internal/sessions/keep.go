package sessions

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/page"
)

// Keeper lists and ends a person's own sessions.
type Keeper struct {
	Store KeeperStore
	Now   func() time.Time
}

// KeeperStore is what Keeper needs.
type KeeperStore interface {
	// Sessions returns those of the member's present generation that are not expired.
	Sessions(ctx context.Context, m members.Member, now time.Time, p page.Request) (page.Of[Session], error)
	// EndSession ends one session. It returns fault.ErrUnauthorized when it is ended already.
	EndSession(ctx context.Context, s Session, e audit.Entry) error
	// EndSessions gives the member another generation of sessions: all present ones are dead.
	EndSessions(ctx context.Context, m members.Member, generation string, e audit.Entry) error
}

// List returns the member's sessions.
func (k Keeper) List(ctx context.Context, m members.Member, p page.Request) (page.Of[Session], error) {
	return k.Store.Sessions(ctx, m, k.Now(), p)
}

// End signs out of the session that the actor is using.
func (k Keeper) End(ctx context.Context, actor authz.Actor, s Session) error {
	entry := audit.Record(k.Now(), actor, audit.SessionEnded, s.Target(actor.Email), nil, nil)
	return k.Store.EndSession(ctx, s, entry)
}

// EndAll signs the member out everywhere.
func (k Keeper) EndAll(ctx context.Context, actor authz.Actor, m members.Member) error {
	now := k.Now()
	entry := audit.Record(now, actor, audit.SessionsEnded, m.Target(), nil, nil)
	return k.Store.EndSessions(ctx, m, ident.New(now), entry)
}

// ErrNoSession is the fault of signing out with a key, which is no session.
var ErrNoSession = fault.New(fault.Conflict, "no_session", "You are calling with a key, so there is no session to end. Revoke the key instead.")
