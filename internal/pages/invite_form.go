package pages

import (
	"slices"

	"github.com/nemorouter/nemo-team/internal/authz"
)

// inviteForm invites people. It is not offered if Roles is empty.
type inviteForm struct {
	Action string
	Open   bool
	People string // what is typed already
	Roles  []option
	Teams  []option
	Other  *field // for a team that is not among them; nil if there is none
	Of, On int    // how long the whole list is, and how much of it is done, if it takes several sendings
}

func (v visit) inviteForm(known knownTeams) inviteForm {
	f := inviteForm{Action: v.path("team"), Open: v.query("invite") != "" || v.query("to") != ""}
	if !v.may(authz.InvitationsManage) {
		return f
	}
	f.Roles = rolesToGrant(v.actor().Role, authz.Member)
	slices.Reverse(f.Roles)
	f.Teams = teamsToJoin(known, v.query("to"), v.actor().TeamID)
	f.Other = known.other("invite-team-name")
	return f
}

// teamsToJoin are the teams, the given one or else one's own being chosen.
func teamsToJoin(known knownTeams, chosen, own string) []option {
	if _, ok := known.byID[chosen]; !ok {
		chosen = own
	}
	return known.options(chosen)[1:]
}

// refill puts back what was not good, or did not get its turn.
func (f *inviteForm) refill(o inviteOutcome, known knownTeams) {
	if len(o.Rows) == 0 && o.Notice == "" {
		return
	}
	f.Open, f.People, f.Of, f.On = o.Form.People != "" || o.Notice != "", o.Form.People, o.Of, o.On
	for i := range f.Roles {
		f.Roles[i].Chosen = f.Roles[i].Value == o.Form.Role
	}
	if f.Other != nil {
		f.Other.Value = o.Form.TeamName
	}
	if len(f.Teams) > 0 {
		f.Teams = teamsToJoin(known, o.Form.Team, f.Teams[0].Value)
	}
}
