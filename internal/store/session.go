package store

import (
	"context"
	"errors"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

type linkRow struct {
	sessions.Link
	expiring
}

type sessionRow struct {
	sessions.Session
	expiring
}

// SaveLink stores a link and counts its mail against the source, and against the address: for
// each purpose apart, so that no stranger who founds in their name keeps anybody from signing in.
func (s *Store) SaveLink(ctx context.Context, l sessions.Link, source string, now time.Time) error {
	return s.commit(ctx,
		insert(linkKey(l.Hash), linkRow{l, until(l.ExpiresAt)}),
		countMail("to:"+string(l.Purpose)+":"+l.Email, now, sessions.MailsPerAddress),
		countMail("from:"+source, now, sessions.MailsPerSource),
	)
}

func countMail(who string, now time.Time, limit int) write {
	return count(mailsKey(who, now), 1, limit, now.Add(2*sessions.MailWindow)).
		otherwise(fault.ErrRateLimited.After(untilNext(now, sessions.MailWindow)))
}

// count adds n to a counter that may not exceed limit.
func count(k key, n, limit int, end time.Time) write {
	fits := "n <= :room"
	if n <= limit {
		fits += " OR attribute_not_exists(n)"
	}
	return update(k, "ADD n :n SET #ttl = :ttl", values{"n": n, "ttl": end.Unix()}).when(fits, values{"room": limit - n})
}

// untilNext is how long the window that now is in still lasts.
func untilNext(now time.Time, window time.Duration) time.Duration {
	return now.UTC().Truncate(window).Add(window).Sub(now)
}

// Link returns a link, or sessions.ErrLink.
func (s *Store) Link(ctx context.Context, hash string) (sessions.Link, error) {
	return fetch[sessions.Link](ctx, s, linkKey(hash), sessions.ErrLink)
}

func spendLink(hash string) write {
	return remove(linkKey(hash)).when("attribute_exists(pk)", nil).otherwise(sessions.ErrLink)
}

// SaveSignIn spends a link and opens a session of the member's present generation.
func (s *Store) SaveSignIn(ctx context.Context, l sessions.Link, session sessions.Session, e audit.Entry) error {
	t := tenant(session.OrgID)
	return s.commit(ctx, spendLink(l.Hash), openSession(session), t.record(e),
		require(t.member(session.UserID), "#sessions = :generation", values{"generation": session.Generation}).otherwise(members.ErrStale))
}

func openSession(session sessions.Session) write {
	return insert(sessionKey(session.UserID, session.ID), sessionRow{session, until(session.ExpiresAt)})
}

// SessionStanding returns a session with its member and org, in one round trip, or
// fault.ErrNotFound when one is missing.
func (s *Store) SessionStanding(ctx context.Context, token sessions.Token) (session sessions.Session, m members.Member, o orgs.Org, err error) {
	t := tenant(token.OrgID)
	items, err := s.getMany(ctx, sessionKey(token.UserID, token.SessionID), t.member(token.UserID), t.org())
	if err != nil {
		return session, m, o, err
	}
	return session, m, o, decodeAll(items, &session, &m, &o)
}

// Sessions returns the member's sessions that work at now, newest first.
func (s *Store) Sessions(ctx context.Context, m members.Member, now time.Time, p page.Request) (page.Of[sessions.Session], error) {
	l := listing{
		partition: sessionKey(m.UserID, "").PK, prefix: sessionPrefix, newest: true,
		filter: "generation = :generation AND expires_at > :now",
		values: values{"generation": m.Sessions, "now": now},
	}
	return list(ctx, s, p, []listing{l}, decodeAs[sessions.Session])
}

// EndSession ends one session.
func (s *Store) EndSession(ctx context.Context, session sessions.Session, e audit.Entry) error {
	return s.commit(ctx,
		remove(sessionKey(session.UserID, session.ID)).when("attribute_exists(pk)", nil).otherwise(fault.ErrUnauthorized),
		tenant(session.OrgID).record(e),
	)
}

// EndSessions ends all sessions of the member, by their generation.
func (s *Store) EndSessions(ctx context.Context, m members.Member, generation string, e audit.Entry) error {
	t := tenant(m.OrgID)
	err := s.commit(ctx,
		update(t.member(m.UserID), "SET #sessions = :new", values{"new": generation}).
			when("#sessions = :old", values{"old": m.Sessions}).
			otherwise(members.ErrStale),
		t.record(e),
	)
	if errors.Is(err, members.ErrStale) { // somebody else just did the same, or ended the membership
		return nil
	}
	return err
}
