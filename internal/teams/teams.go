// Package teams knows the parts of an org. Every org is born with a team named Default,
// which cannot be deleted; no team with members or pending invitations can.
package teams

import (
	"context"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/names"
	"github.com/nemorouter/nemo-team/internal/page"
)

// DefaultName is what an org's first team is called at its birth.
const DefaultName = "Default"

// Team is a part of an org.
type Team struct {
	ID        string    `json:"id"`
	OrgID     string    `json:"org_id"`
	Name      string    `json:"name"`
	Default   bool      `json:"default"`
	Members   int       `json:"members"` // seated now
	Pending   int       `json:"pending"` // invitations that are pending
	CreatedAt time.Time `json:"created_at"`
}

// The teams' own faults.
var (
	ErrNotEmpty         = fault.New(fault.Conflict, "team_not_empty", "The team has members or pending invitations.")
	ErrDefaultProtected = fault.New(fault.Conflict, "default_team_protected", "The Default team cannot be deleted.")
	ErrChangedMeanwhile = fault.New(fault.Conflict, "changed_meanwhile", "Somebody else renamed the team at the same time. Look again, then repeat.")
)

// New returns a team of the given, already clean, name.
func New(now time.Time, orgID, name string) Team {
	return Team{ID: ident.New(now), OrgID: orgID, Name: name, CreatedAt: now}
}

// Reader reads teams.
type Reader struct {
	Store interface {
		// Team returns fault.ErrNotFound when the org has none of that id.
		Team(ctx context.Context, orgID, id string) (Team, error)
		Teams(ctx context.Context, orgID string, p page.Request) (page.Of[Team], error)
		// SeveralTeams returns those of the teams that there are, by id.
		SeveralTeams(ctx context.Context, orgID string, ids []string) (map[string]Team, error)
		// EachTeam visits all teams, oldest first.
		EachTeam(ctx context.Context, orgID string, visit func(Team)) error
	}
}

// Get returns one team. It needs teams:read.
func (r Reader) Get(ctx context.Context, actor authz.Actor, id string) (Team, error) {
	if err := authz.CheckOrg(actor, authz.TeamsRead); err != nil {
		return Team{}, err
	}
	return r.Store.Team(ctx, actor.OrgID, id)
}

// List returns teams, oldest first. It needs teams:read.
func (r Reader) List(ctx context.Context, actor authz.Actor, p page.Request) (page.Of[Team], error) {
	if err := authz.CheckOrg(actor, authz.TeamsRead); err != nil {
		return page.Of[Team]{}, err
	}
	return r.Store.Teams(ctx, actor.OrgID, p)
}

// Several returns those of the teams that there are, by id. It needs teams:read.
func (r Reader) Several(ctx context.Context, actor authz.Actor, ids []string) (map[string]Team, error) {
	if err := authz.CheckOrg(actor, authz.TeamsRead); err != nil {
		return nil, err
	}
	return r.Store.SeveralTeams(ctx, actor.OrgID, ids)
}

// Named returns the ids of the teams that are called so, by name in lower case; of several that
// share a name, the oldest. It reads all teams, unless there is no name. It needs teams:read.
func (r Reader) Named(ctx context.Context, actor authz.Actor, names ...string) (map[string]string, error) {
	if err := authz.CheckOrg(actor, authz.TeamsRead); err != nil {
		return nil, err
	}
	wanted, found := map[string]bool{}, map[string]string{}
	for _, name := range names {
		if name != "" {
			wanted[strings.ToLower(name)] = true
		}
	}
	if len(wanted) == 0 {
		return found, nil
	}
	err := r.Store.EachTeam(ctx, actor.OrgID, func(t Team) {
		if name := strings.ToLower(t.Name); wanted[name] && found[name] == "" {
			found[name] = t.ID
		}
	})
	return found, err
}

// Manager creates, renames and deletes teams. All need teams:manage.
type Manager struct {
	Store ManagerStore
	Now   func() time.Time
}

// ManagerStore is what Manager needs. Its calls return fault.ErrNotFound for teams that
// are not, or no longer, there, and authz.ErrForbidden when the actor of the entry no longer
// has the role that it says.
type ManagerStore interface {
	Team(ctx context.Context, orgID, id string) (Team, error)
	CreateTeam(ctx context.Context, t Team, e audit.Entry) error
	// RenameTeam returns ErrChangedMeanwhile when the team is not called as before was.
	RenameTeam(ctx context.Context, before, after Team, e audit.Entry) error
	// DeleteTeam returns ErrNotEmpty while somebody sits in the team or is invited to it.
	DeleteTeam(ctx context.Context, t Team, e audit.Entry) error
}

// Create adds a team.
func (m Manager) Create(ctx context.Context, actor authz.Actor, name string) (Team, error) {
	if err := authz.CheckOrg(actor, authz.TeamsManage); err != nil {
		return Team{}, err
	}
	name, err := names.Clean("body.name", name)
	if err != nil {
		return Team{}, err
	}
	t := New(m.Now(), actor.OrgID, name)
	entry := audit.Record(t.CreatedAt, actor, audit.TeamCreated, target(t), nil, audit.Values{"name": name})
	return t, m.Store.CreateTeam(ctx, t, entry)
}

// Rename gives a team another name.
func (m Manager) Rename(ctx context.Context, actor authz.Actor, id, name string) (Team, error) {
	before, err := m.managed(ctx, actor, id)
	if err != nil {
		return Team{}, err
	}
	after := before
	if after.Name, err = names.Clean("body.name", name); err != nil || after.Name == before.Name {
		return before, err
	}
	entry := audit.Record(m.Now(), actor, audit.TeamUpdated, target(after),
		audit.Values{"name": before.Name}, audit.Values{"name": after.Name})
	return after, m.Store.RenameTeam(ctx, before, after, entry)
}

// Delete removes an empty team. Its name stays known to spend and audit.
func (m Manager) Delete(ctx context.Context, actor authz.Actor, id string) error {
	t, err := m.managed(ctx, actor, id)
	if err != nil {
		return err
	}
	if t.Default {
		return ErrDefaultProtected
	}
	entry := audit.Record(m.Now(), actor, audit.TeamDeleted, target(t), audit.Values{"name": t.Name}, nil)
	return m.Store.DeleteTeam(ctx, t, entry)
}

func (m Manager) managed(ctx context.Context, actor authz.Actor, id string) (Team, error) {
	if err := authz.CheckOrg(actor, authz.TeamsManage); err != nil {
		return Team{}, err
	}
	return m.Store.Team(ctx, actor.OrgID, id)
}

func target(t Team) audit.Target { return audit.Target{Type: audit.Team, ID: t.ID, Name: t.Name} }
