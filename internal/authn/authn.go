// Package authn finds out who is calling. It reads the caller's standing from the table on
// every request, strongly consistent, and keeps nothing: when a membership ends, the next
// request fails.
package authn

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/secret"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// Caller is who is calling, with all that was read to find out.
type Caller struct {
	Actor   authz.Actor
	Member  members.Member
	Org     orgs.Org
	Session sessions.Session // zero if they use a key
}

// Store is what Authenticator needs. Its calls return fault.ErrNotFound when something is
// missing.
type Store interface {
	// SessionStanding returns a session with its member and org, in one round trip.
	SessionStanding(ctx context.Context, t sessions.Token) (sessions.Session, members.Member, orgs.Org, error)
	// KeyByHash returns the key whose secret has the hash.
	KeyByHash(ctx context.Context, hash string) (keys.Key, error)
	// Standing returns a member and their org, in one round trip.
	Standing(ctx context.Context, orgID, userID string) (members.Member, orgs.Org, error)
}

// Authenticator turns credentials into callers.
type Authenticator struct {
	Store Store
	Now   func() time.Time
}

// Authenticate returns who holds the credential: a session's token, or a virtual key with
// the scope manage. It returns fault.ErrUnauthorized for anything that is not good now,
// without telling why, keys.ErrScopeMissing for a good key without the scope, and keys.ErrOutgrown for one that
// somebody of a lower role than the holder's knows.
func (a Authenticator) Authenticate(ctx context.Context, credential string, origin authz.Request) (Caller, error) {
	caller, err := a.caller(ctx, credential, origin)
	if errors.Is(err, fault.ErrNotFound) {
		err = fault.ErrUnauthorized
	}
	return caller, err
}

func (a Authenticator) caller(ctx context.Context, credential string, origin authz.Request) (Caller, error) {
	if token, ok := sessions.ParseToken(credential); ok {
		return a.bySession(ctx, token, origin)
	}
	if keys.Is(credential) {
		return a.byKey(ctx, secret.Hash(credential), origin)
	}
	return Caller{}, fault.ErrUnauthorized
}

func (a Authenticator) bySession(ctx context.Context, token sessions.Token, origin authz.Request) (Caller, error) {
	session, member, org, err := a.Store.SessionStanding(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	if !session.Good(a.Now(), token.Hash, member) || !org.Live() {
		return Caller{}, fault.ErrUnauthorized
	}
	c := Caller{Member: member, Org: org, Session: session}
	c.Actor = actor(member, org, authz.ViaSession, origin)
	c.Actor.SessionID = session.ID
	return c, nil
}

func (a Authenticator) byKey(ctx context.Context, hash string, origin authz.Request) (Caller, error) {
	key, err := a.Store.KeyByHash(ctx, hash)
	if err != nil {
		return Caller{}, err
	}
	member, org, err := a.Store.Standing(ctx, key.OrgID, key.UserID)
	if err != nil {
		return Caller{}, err
	}
	if !key.Usable(a.Now()) || key.Generation != member.Keys || !org.Live() {
		return Caller{}, fault.ErrUnauthorized
	}
	if !key.Has(keys.Manage) {
		return Caller{}, keys.ErrScopeMissing.Saying("This key lacks the scope manage, which calls to this API need.")
	}
	if !key.Manages(member.Role) {
		return Caller{}, keys.ErrOutgrown
	}
	c := Caller{Member: member, Org: org}
	c.Actor = actor(member, org, authz.ViaKey, origin)
	c.Actor.KeyID, c.Actor.Ceiling = key.ID, key.Ceiling
	return c, nil
}

func actor(m members.Member, o orgs.Org, via authz.Via, origin authz.Request) authz.Actor {
	a := m.Actor(via, origin)
	a.OrgName, a.OrgSince = o.Name, o.CreatedAt
	return a
}
