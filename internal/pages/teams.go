package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/teams"
	"github.com/nemorouter/nemo-team/internal/web"
)

// teamsData is the list of teams.
type teamsData struct {
	frame
	Action string
	Manage bool
	Nonce  string
	Name   field
	Notice string
	Rows   []teamRow
	Pager  pager
}

// teamRow is one team.
type teamRow struct {
	Name             string
	Default          bool // and not called so
	Members, Pending int
	People           string // its members' list
	Created          moment
	Budget           budgetBox
	Menu             menu
}

var teamsPage = newBoardPage[teamsData]("teams.html")

func (d Dashboard) getTeams(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{
			"rename": d.askRenameTeam, "delete": d.askDeleteTeam, "budget": d.askBudget("teams"), "unbudget": d.askNoBudget("teams"),
		})
		if err != nil {
			return fault.ErrNotFound
		}
		return show(v, nil)
	}
	return d.showTeams(v, nil)
}

func (d Dashboard) postTeams(v visit) error {
	act, err := chosen(v.value("do"), map[string]func(visit) error{
		"create": d.createTeam, "rename": d.renameTeam, "delete": d.deleteTeam,
		"budget": d.setBudget("teams"), "unbudget": d.removeBudget("teams"),
	})
	if err != nil {
		return err
	}
	return act(v)
}

func (d Dashboard) showTeams(v visit, refused error) error {
	found, err := d.Orgs.ReadTeams.List(v.r.Context(), v.actor(), v.rows())
	if err != nil {
		return err
	}
	boxes, err := d.budgetBoxes(v, refsOf(budgets.Team, found.Data, func(t teams.Team) string { return t.ID }))
	if err != nil {
		return err
	}
	data := teamsData{
		frame: v.frame("teams", "Teams"), Action: v.path("teams"), Manage: v.may(authz.TeamsManage), Nonce: v.nonce(refused),
		Name:  field{Name: "name", Label: "New team", Type: "text", Value: v.value("name"), Required: true},
		Pager: v.pager(found.Next),
	}
	for _, t := range found.Data {
		data.Rows = append(data.Rows, v.teamRow(t, boxes[t.ID]))
	}
	status := http.StatusOK
	if refused != nil {
		flt, ok := mendable(refused)
		if !ok {
			return refused
		}
		data.Notice = notice(flt, &data.Name)
		answer(v.w, v.r, flt, refused)
		status = web.Status(flt.Kind)
	}
	teamsPage.render(v.w, v.r, status, data)
	return nil
}

func (v visit) teamRow(t teams.Team, budget budgetBox) teamRow {
	row := teamRow{Name: t.Name, Default: t.Default && t.Name != teams.DefaultName, Members: t.Members, Pending: t.Pending,
		People: v.link("team", "team", t.ID), Created: date(t.CreatedAt),
		Budget: budget}
	row.Menu = menu{{"See what it spent", v.link("spend", "team", t.ID)}}
	do := func(label, what string) {
		row.Menu = append(row.Menu, action{label, v.link("teams", "do", what, "id", t.ID)})
	}
	if v.may(authz.InvitationsManage) {
		row.Menu = append(row.Menu, action{"Invite people to it", v.link("team", "to", t.ID)})
	}
	if v.may(authz.TeamsManage) {
		do("Rename", "rename")
	}
	row.Menu = append(row.Menu, budget.actions()...)
	if v.may(authz.TeamsManage) {
		if !t.Default && t.Members == 0 && t.Pending == 0 {
			do("Delete", "delete")
		}
	}
	return row
}

func (d Dashboard) createTeam(v visit) error {
	if _, err := d.Orgs.ManageTeams.Create(v.once().Context(), v.actor(), v.value("name")); err != nil {
		return d.showTeams(v, err)
	}
	return v.done("teams", "team-made")
}

// managed is the team that a page is about, if the visitor may change it.
func (d Dashboard) managed(v visit, id string) (teams.Team, error) {
	if err := authz.CheckOrg(v.actor(), authz.TeamsManage); err != nil {
		return teams.Team{}, err
	}
	return d.Orgs.ReadTeams.Get(v.r.Context(), v.actor(), id)
}

func (d Dashboard) askRenameTeam(v visit, refused error) error {
	t, err := d.managed(v, or(v.query("id"), v.value("id")))
	if err != nil {
		return err
	}
	name := field{Name: "name", Label: "Name", Type: "text", Value: t.Name, Required: true, Autofocus: true}
	if refused != nil {
		name.Value = v.value("name")
	}
	return v.ask("teams", askData{
		frame: titled("Rename “" + t.Name + "”"), Lead: "Earlier audit entries keep the name that the team had then.",
		Do: "rename", ID: t.ID, Fields: []field{name}, Button: "Rename the team",
	}, refused)
}

func (d Dashboard) renameTeam(v visit) error {
	if _, err := d.Orgs.ManageTeams.Rename(v.r.Context(), v.actor(), v.value("id"), v.value("name")); err != nil {
		return d.askRenameTeam(v, err)
	}
	return v.done("teams", "team-named")
}

func (d Dashboard) askDeleteTeam(v visit, refused error) error {
	t, err := d.managed(v, v.query("id"))
	if err != nil {
		return err
	}
	if t.Default {
		return teams.ErrDefaultProtected
	}
	return v.ask("teams", askData{
		frame: titled("Delete “" + t.Name + "”?"), Lead: "A team can be deleted while nobody sits in it or is invited to it.",
		Do: "delete", ID: t.ID, Danger: true, Button: "Delete the team",
		Facts: []string{"Its name stays in the audit trail.", "It cannot be brought back."},
	}, refused)
}

func (d Dashboard) deleteTeam(v visit) error {
	if err := d.Orgs.ManageTeams.Delete(v.r.Context(), v.actor(), v.value("id")); err != nil {
		return err
	}
	return v.done("teams", "team-gone")
}
