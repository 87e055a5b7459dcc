package pages

import (
	"net/http"
	"strings"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	lists "github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// membersData is the list of members.
type membersData struct {
	frame
	Head   peopleHead
	Filter membersFilter
	Rows   []memberRow
	Alone  bool   // the visitor is the only member
	Spends bool   // what members spent is known
	Spend  string // where it is seen, if it is not known here
	Pager  pager
}

// membersFilter is what the list is narrowed to.
type membersFilter struct {
	Query string
	Roles []option
	Teams []option
	Other *field // for a team that is not among them; nil if there is none
	Clear string // where nothing is narrowed; empty if nothing is
}

// memberRow is one member.
type memberRow struct {
	Person person
	Team   string
	Joined moment
	Seen   moment
	Spent  string // this month; empty if that is not known here
	Budget budgetBox
	Menu   menu
}

var membersPage = newBoardPage[membersData]("members.html")

func (d Dashboard) getPeople(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{
			"budget": d.askBudget("team"), "unbudget": d.askNoBudget("team"),
			"role": d.askRole, "remove": d.askRemove, "transfer": d.askTransfer, "leave": d.askLeave,
			"withdraw": d.askWithdraw,
		})
		if err != nil {
			return fault.ErrNotFound
		}
		return show(v, nil)
	}
	if v.query("view") == "invitations" {
		return d.showInvitations(v, inviteOutcome{})
	}
	return d.showMembers(v)
}

func (d Dashboard) postPeople(v visit) error {
	act, err := chosen(v.value("do"), map[string]func(visit) error{
		"budget": d.setBudget("team"), "unbudget": d.removeBudget("team"),
		"invite": d.invite, "resend": d.resend, "withdraw": d.withdraw,
		"role": d.changeRole, "remove": d.remove, "transfer": d.transfer, "leave": d.leave,
	})
	if err != nil {
		return err
	}
	return act(v)
}

func (d Dashboard) showMembers(v visit) error {
	filter, err := d.membersFilter(v)
	if err != nil {
		return err
	}
	var found lists.Of[members.Member]
	var known knownTeams
	err = together(
		func() (err error) {
			found, err = d.Members.Read.List(v.r.Context(), v.actor(), filter, v.memberRows())
			return err
		},
		func() (err error) { known, err = d.firstTeams(v); return err },
	)
	if err != nil {
		return err
	}
	ids := []string{filter.TeamID, v.query("to"), v.actor().TeamID}
	for _, m := range found.Data {
		ids = append(ids, m.TeamID)
	}
	var boxes map[string]budgetBox
	var uses map[string]spend.Use
	refs := refsOf(budgets.Member, found.Data, func(m members.Member) string { return m.UserID })
	err = together(
		func() error { return d.learn(v, known, ids) },
		func() (err error) { boxes, err = d.budgetBoxes(v, refs); return err },
		func() (err error) { uses, err = d.uses(v, known); return err },
	)
	if err != nil {
		return err
	}
	data := membersData{
		frame: v.frame("team", "Members"), Head: d.peopleHead(v, known, false), Pager: v.pager(found.Next),
		Filter: v.membersForm(filter, known), Spends: uses != nil,
	}
	if !data.Spends {
		data.Spend = v.link("spend", "team", filter.TeamID, "by", "member") + "#table"
	}
	data.Alone = filter == (members.Filter{}) && len(found.Data) == 1 && v.query("cursor") == "" && found.Next == ""
	for _, m := range found.Data {
		row := v.memberRow(m, known, boxes[m.UserID])
		if uses != nil {
			row.use(uses[m.UserID], m)
		}
		data.Rows = append(data.Rows, row)
	}
	membersPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

// membersFilter reads the query. A team is asked for by its id, or by its name where it is not
// among those to choose from.
func (d Dashboard) membersFilter(v visit) (f members.Filter, err error) {
	f = members.Filter{TeamID: v.query("team"), Query: v.query("q")}
	if role := v.query("role"); role != "" {
		if f.Role, err = authz.ParseRole(role); err != nil {
			return f, err
		}
	}
	name := v.query("team_name")
	if name == "" {
		return f, nil
	}
	byName, err := d.Orgs.ReadTeams.Named(v.r.Context(), v.actor(), name)
	if err != nil {
		return f, err
	}
	if f.TeamID = byName[strings.ToLower(name)]; f.TeamID == "" {
		return f, fault.BadField("query.team_name", "No team is called so.")
	}
	return f, nil
}

// memberRows asks for the page of the list that the query names, in few round trips: where the
// filter drops almost all of very many, a page may come up short, and there is a next one.
func (v visit) memberRows() lists.Request {
	rows := v.rows()
	rows.Reads = 3
	return rows
}

// membersForm is the filter as its form has it.
func (v visit) membersForm(f members.Filter, known knownTeams) membersFilter {
	form := membersFilter{Query: f.Query, Roles: rolesToFind(f.Role), Teams: known.options(f.TeamID), Other: known.other("team-name")}
	if f != (members.Filter{}) {
		form.Clear = v.path("team")
	}
	return form
}

// uses is what members did lately, if the org is so small that this is read at once:
// what it costs must not grow with the org.
func (d Dashboard) uses(v visit, known knownTeams) (map[string]spend.Use, error) {
	const most = 500 // members
	if n, counted := known.members(); !counted || n > most {
		return nil, nil
	}
	return d.Reports.Spend.Uses(v.r.Context(), v.actor())
}

// use adds what somebody's keys did: people are seen through their keys, too.
func (row *memberRow) use(u spend.Use, m members.Member) {
	row.Spent = usd(u.Spent)
	if u.Last.After(m.LastSeen()) {
		row.Seen = dayOfUTC(u.Last)
	}
}

func (v visit) memberRow(m members.Member, known knownTeams, budget budgetBox) memberRow {
	row := memberRow{Person: newPerson(m.Name, m.Email), Team: known.name(m.TeamID), Joined: date(m.JoinedAt),
		Seen: date(m.LastSeen()), Budget: budget}
	row.Person.Role, row.Person.You = m.Role, m.UserID == v.actor().UserID
	row.Menu = v.memberMenu(m, row.Person.You, budget)
	return row
}

// memberMenu is what the visitor may do to a member. It offers, and decides nothing: the
// operations do.
func (v visit) memberMenu(m members.Member, you bool, budget budgetBox) (offered menu) {
	offered = append(offered, action{"See what they spent", v.link("spend", "member", m.UserID)})
	offered = append(offered, budget.actions()...)
	do := func(label, what string) {
		offered = append(offered, action{label, v.link("team", "do", what, "id", m.UserID)})
	}
	movable := authz.CheckActOn(m.Role) == nil
	if you {
		if movable {
			do("Leave the organization", "leave")
		}
		return offered
	}
	if v.may(authz.KeysRead) {
		offered = append(offered, action{"See keys", v.link("keys", "user", m.UserID)})
	}
	if v.may(authz.KeysManage) && m.Role.Has(authz.KeysManageOwn) && m.Role.Rank() >= v.actor().Role.Rank() {
		offered = append(offered, action{"Create a key for them", v.link("keys", "do", "create", "user", m.UserID)})
	}
	if v.may(authz.AuditRead) {
		offered = append(offered, action{"See what they did", v.link("audit", "actor", m.UserID)})
	}
	if v.may(authz.MembersManage) && movable {
		do("Change role", "role")
	}
	if v.may(authz.OrgTransfer) {
		do("Make owner", "transfer")
	}
	if v.may(authz.MembersManage) && movable {
		do("Remove", "remove")
	}
	return offered
}

// rolesToFind are the answers of a filter.
func rolesToFind(present authz.Role) []option {
	options := []option{{Label: "Any role", Chosen: present == ""}}
	for _, r := range authz.Roles() {
		options = append(options, option{Value: string(r), Label: roleLabel(r), Chosen: r == present})
	}
	return options
}
