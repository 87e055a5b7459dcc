package pages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/members"
)

// asked is the member that a page is about, if the visitor may do to them what it asks.
func (d Dashboard) asked(v visit, p authz.Permission, id string) (members.Member, error) {
	if err := authz.CheckOrg(v.actor(), p); err != nil {
		return members.Member{}, err
	}
	return d.Members.Read.Get(v.r.Context(), v.actor(), id)
}

func (d Dashboard) askRole(v visit, refused error) error {
	m, err := d.asked(v, authz.MembersManage, v.query("id"))
	if err != nil {
		return err
	}
	if err := authz.CheckActOn(m.Role); err != nil {
		return err
	}
	losing, err := d.ifTheyHave(v, m, "As a viewer they lose %s for good: a viewer holds no working key.")
	if err != nil {
		return err
	}
	return v.ask("team", askData{
		frame:  titled("Change the role of " + m.Display()),
		Lead:   who(m) + " is " + article(m.Role) + " now.",
		Do:     "role",
		ID:     m.UserID,
		Choice: choice{Name: "role", Label: "New role", Options: rolesToGrant(v.actor().Role, m.Role)},
		Facts: slices.Concat(
			[]string{"The new role counts from the next request on, in this dashboard, in the API and at the gateway."},
			losing),
		Button: "Change the role",
	}, refused)
}

// rolesToGrant are the roles that somebody of role by may give.
func rolesToGrant(by, present authz.Role) []option {
	var options []option
	for _, r := range authz.Roles() {
		if authz.CanGrant(by, r) {
			options = append(options, option{Value: string(r), Label: roleLabel(r), Hint: r.Description(), Chosen: r == present})
		}
	}
	return options
}

func (d Dashboard) askRemove(v visit, refused error) error {
	m, err := d.asked(v, authz.MembersManage, v.query("id"))
	if err != nil {
		return err
	}
	if err := authz.CheckActOn(m.Role); err != nil {
		return err
	}
	revoked, err := d.ifTheyHave(v, m, revokedWithIt)
	if err != nil {
		return err
	}
	return v.ask("team", askData{
		frame: titled("Remove " + m.Display() + "?"),
		Lead:  who(m) + " leaves " + v.caller.Org.Name + " at once.",
		Do:    "remove", ID: m.UserID, Danger: true, Button: "Remove " + m.Display(),
		Facts: slices.Concat(
			[]string{"They are signed out everywhere, and their next request fails."},
			revoked,
			[]string{
				"What they did stays in the audit trail.",
				"You can invite them again. They start without keys then.",
			}),
	}, refused)
}

func (d Dashboard) askLeave(v visit, refused error) error {
	m := v.caller.Member
	if authz.CheckActOn(m.Role) != nil {
		return members.ErrOwnerCannotLeave
	}
	revoked, err := d.ifTheyHave(v, m, revokedWithIt)
	if err != nil {
		return err
	}
	return v.ask("team", askData{
		frame: titled("Leave " + v.caller.Org.Name + "?"),
		Lead:  "Your membership ends at once. Only an invitation brings you back.",
		Do:    "leave", ID: m.UserID, Danger: true, Button: "Leave " + v.caller.Org.Name,
		Facts: slices.Concat(
			[]string{"You are signed out everywhere."},
			revoked,
			[]string{"What you did stays in the organization’s audit trail."}),
	}, refused)
}

func (d Dashboard) askTransfer(v visit, refused error) error {
	m, err := d.asked(v, authz.OrgTransfer, v.query("id"))
	if err != nil {
		return err
	}
	if m.UserID == v.actor().UserID {
		return members.ErrOwnerAlready
	}
	return v.ask("team", askData{
		frame: titled("Make " + m.Display() + " the owner?"),
		Lead:  who(m) + " is " + article(m.Role) + " now. There is exactly one owner: you hand this over.",
		Do:    "transfer", ID: m.UserID, Danger: true, Button: "Transfer the ownership",
		Facts: []string{
			m.Display() + " becomes the owner, with billing and the power to transfer or delete the organization.",
			"You become an admin.",
			"Only " + m.Display() + " can give it back.",
		},
	}, refused)
}

// who names a member so that nobody is taken for another.
func who(m members.Member) string {
	if m.Name == "" {
		return m.Email
	}
	return m.Name + " (" + m.Email + ")"
}

func article(r authz.Role) string {
	switch r {
	case authz.Owner:
		return "the owner"
	case authz.Admin:
		return "an admin"
	default:
		return "a " + string(r)
	}
}

const revokedWithIt = "Revoked with it: %s. Programs that use such a key stop working."

// ifTheyHave says what becomes of the member's keys, if they hold any.
func (d Dashboard) ifTheyHave(v visit, m members.Member, format string) ([]string, error) {
	live, err := d.Members.Read.LiveKeys(v.r.Context(), v.actor(), m)
	n := len(live)
	if err != nil || n == 0 {
		return nil, err
	}
	const named = 5
	var names []string
	for _, k := range live {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	list := strings.Join(names[:min(n, named)], ", ")
	if n > named {
		list += " and others"
	}
	return []string{fmt.Sprintf(format, fmt.Sprintf("%d live %s (%s)", n, plural("key", n), list))}, nil
}
