package store

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/teams"
)

// Team returns a team, or fault.ErrNotFound.
func (s *Store) Team(ctx context.Context, orgID, id string) (teams.Team, error) {
	return fetch[teams.Team](ctx, s, tenant(orgID).team(id), fault.ErrNotFound)
}

// Teams returns the org's teams, oldest first.
func (s *Store) Teams(ctx context.Context, orgID string, p page.Request) (page.Of[teams.Team], error) {
	return list(ctx, s, p, []listing{tenant(orgID).all(teamPrefix)}, decodeAs[teams.Team])
}

// EachTeam visits the org's teams, oldest first: some thousands of them in each round trip.
func (s *Store) EachTeam(ctx context.Context, orgID string, visit func(teams.Team)) error {
	return s.eachFresh(ctx, tenant(orgID).all(teamPrefix), func(item attributes) error {
		team, err := decodeAs[teams.Team](item)
		if err == nil {
			visit(team)
		}
		return err
	})
}

// all lists the org's items of one sort, by id.
func (t tenant) all(prefix string) listing {
	return listing{partition: t.org().PK, prefix: prefix}
}

// CreateTeam adds a team.
func (s *Store) CreateTeam(ctx context.Context, team teams.Team, e audit.Entry) error {
	t := tenant(team.OrgID)
	return s.commit(ctx, s.receipt(ctx, 0, team,
		insert(t.team(team.ID), team),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)...)
}

// RenameTeam stores the team's name.
func (s *Store) RenameTeam(ctx context.Context, before, after teams.Team, e audit.Entry) error {
	t := tenant(after.OrgID)
	return s.commit(ctx,
		update(t.team(after.ID), "SET #name = :name", values{"name": after.Name}).
			when("#name = :was", values{"was": before.Name}).
			explained(func(old attributes) error { return goneOr(old, teams.ErrChangedMeanwhile) }),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
}

// goneOr is what it means that an item is not as it was read: it is gone, or changed.
func goneOr(old attributes, changed error) error {
	if old == nil {
		return fault.ErrNotFound
	}
	return changed
}

// DeleteTeam removes an empty team and keeps its name.
func (s *Store) DeleteTeam(ctx context.Context, team teams.Team, e audit.Entry) error {
	t := tenant(team.OrgID)
	return s.commit(ctx,
		remove(t.team(team.ID)).
			when("#members = :none AND pending = :none AND #default = :false", values{"none": 0, "false": false}).
			explained(func(old attributes) error { return goneOr(old, teams.ErrNotEmpty) }),
		t.bury(team.ID, team.Name, "", e.At),
		t.stands(e.Actor.UserID, e.Actor.Role),
		t.record(e),
	)
}

// tombstone keeps what a thing that is gone was called, for reports.
type tombstone struct {
	ID    string    `json:"id"`
	Name  string    `json:"name"`
	Email string    `json:"email,omitempty"` // of people
	At    time.Time `json:"at"`
}

func (t tenant) bury(id, name, email string, at time.Time) write {
	return put(t.gone(id), tombstone{id, name, email, at})
}

// seats moves a team's counters of members and pending invitations. A missing team means
// gone.
func (t tenant) seats(teamID string, members, pending int, gone error) write {
	return update(t.team(teamID), "SET #members = #members + :members, pending = pending + :pending",
		values{"members": members, "pending": pending}).
		when("attribute_exists(pk)", nil).
		otherwise(gone)
}
