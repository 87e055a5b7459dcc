package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
)

// membersData is the list of members.
type membersData struct {
	frame
	Head   peopleHead
	Filter membersFilter
	Rows   []memberRow
	Alone  bool // the visitor is the only member
	Pager  pager
}

// membersFilter is what the list is narrowed to.
type membersFilter struct {
	Query string
	Roles []option
	Teams []option
	Clear string // where nothing is narrowed; empty if nothing is
}

// memberRow is one member.
type memberRow struct {
	person
	Team   string
	Joined moment
	Menu   []action
}

var membersPage = newBoardPage[membersData]("members.html")

func (d Dashboard) getPeople(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{
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
		"invite": d.invite, "resend": d.resend, "withdraw": d.withdraw,
		"role": d.changeRole, "remove": d.remove, "transfer": d.transfer, "leave": d.leave,
	})
	if err != nil {
		return err
	}
	return act(v)
}

func (d Dashboard) showMembers(v visit) error {
	filter := members.Filter{TeamID: v.query("team"), Query: v.query("q")}
	if role := v.query("role"); role != "" {
		var err error
		if filter.Role, err = authz.ParseRole(role); err != nil {
			return err
		}
	}
	found, err := d.Members.Read.List(v.r.Context(), v.actor(), filter, v.rows())
	if err != nil {
		return err
	}
	ids := []string{filter.TeamID, v.query("to")}
	for _, m := range found.Data {
		ids = append(ids, m.TeamID)
	}
	known, err := d.teams(v, ids)
	if err != nil {
		return err
	}
	data := membersData{
		frame: v.frame("team", "Members"), Head: d.peopleHead(v, known, false), Pager: v.pager(found.Next),
		Filter: membersFilter{Query: filter.Query, Roles: rolesToFind(filter.Role), Teams: known.options(filter.TeamID)},
	}
	if filter != (members.Filter{}) {
		data.Filter.Clear = v.path("team")
	} else {
		data.Alone = len(found.Data) == 1 && v.query("cursor") == "" && found.Next == ""
	}
	for _, m := range found.Data {
		data.Rows = append(data.Rows, v.memberRow(m, known))
	}
	membersPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

func (v visit) memberRow(m members.Member, known knownTeams) memberRow {
	row := memberRow{person: newPerson(m.Name, m.Email), Team: known.name(m.TeamID), Joined: date(m.JoinedAt)}
	row.Role, row.You = m.Role, m.UserID == v.actor().UserID
	row.Menu = v.memberMenu(m, row.You)
	return row
}

// memberMenu is what the visitor may do to a member. It offers, and decides nothing: the
// operations do.
func (v visit) memberMenu(m members.Member, you bool) (menu []action) {
	do := func(label, what string) {
		menu = append(menu, action{label, v.link("team", "do", what, "id", m.UserID)})
	}
	movable := authz.CheckActOn(m.Role) == nil
	if you {
		if movable {
			do("Leave the organization", "leave")
		}
		return menu
	}
	if v.may(authz.KeysRead) {
		menu = append(menu, action{"See keys", v.link("keys", "user", m.UserID)})
	}
	if v.may(authz.KeysManage) && m.Role.Has(authz.KeysManageOwn) && m.Role.Rank() >= v.actor().Role.Rank() {
		menu = append(menu, action{"Create a key for them", v.link("keys", "do", "create", "user", m.UserID)})
	}
	if v.may(authz.AuditRead) {
		menu = append(menu, action{"See what they did", v.link("audit", "actor", m.UserID)})
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
	return menu
}

// rolesToFind are the answers of a filter.
func rolesToFind(present authz.Role) []option {
	options := []option{{Label: "Any role", Chosen: present == ""}}
	for _, r := range authz.Roles() {
		options = append(options, option{Value: string(r), Label: roleLabel(r), Chosen: r == present})
	}
	return options
}
