package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/page"
)

// auditRow is an entry as stored.
type auditRow struct {
	audit.Entry
	ofUser
	ofKind
	aboutTarget
}

// record writes an audit entry. Every transaction that changes something has one.
func (t tenant) record(e audit.Entry) write {
	row := auditRow{Entry: e,
		ofKind:      ofKind{t.group(auditGroup, string(e.Action)), e.ID},
		aboutTarget: aboutTarget{t.group(auditGroup, e.Target.ID), e.ID},
	}
	if e.Actor.UserID != "" {
		row.ofUser = ofUser{t.group(auditGroup, e.Actor.UserID), e.ID}
	}
	return insert(t.audit(e.ID), row)
}

// AuditEntries returns the org's entries, newest first.
func (s *Store) AuditEntries(ctx context.Context, orgID string, f audit.Filter, p page.Request) (page.Of[audit.Entry], error) {
	return list(ctx, s, p, []listing{auditListing(tenant(orgID), f)}, decodeAs[audit.Entry])
}

// AuditAfter returns the cursor of the page of AuditEntries that begins after an entry.
func (s *Store) AuditAfter(orgID string, f audit.Filter, e audit.Entry) string {
	at := position{Sort: e.ID}
	if auditListing(tenant(orgID), f).index.name != "" {
		at.Index = e.ID
	}
	return at.cursor()
}

// auditListing reads through the index of the narrowest filter, and drops what the others
// exclude. Ids sort by time, so the time range is a range of ids.
func auditListing(t tenant, f audit.Filter) listing {
	l := listing{partition: t.audit("").PK, newest: true, values: values{}}
	if !f.From.IsZero() {
		l.from = ident.Floor(f.From)
	}
	if !f.To.IsZero() {
		l.to = before(ident.Floor(f.To))
	}
	switch {
	case f.TargetID != "":
		l.index, l.group = byTarget, t.group(auditGroup, f.TargetID)
	case f.ActorID != "":
		l.index, l.group = byUser, t.group(auditGroup, f.ActorID)
	case f.Action != "":
		l.index, l.group = byKind, t.group(auditGroup, string(f.Action))
	}
	if f.ActorID != "" && l.index != byUser {
		l.drop("actor.user_id = :actor", "actor", f.ActorID)
	}
	if f.Action != "" && l.index != byKind {
		l.drop("#action = :action", "action", f.Action)
	}
	return l
}

// drop adds a condition to the filter.
func (l *listing) drop(unless, name string, value any) {
	if l.filter != "" {
		l.filter += " AND "
	}
	l.filter += unless
	l.values[name] = value
}

// before sorts after every id that sorts before floor, and before floor itself: it lacks
// floor's last digit.
func before(floor string) string { return floor[:len(floor)-1] }
