package pages

import (
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/orgs"
)

func (d Dashboard) renameSelf(v visit) error {
	if _, err := d.Sessions.Rename.Rename(v.r.Context(), v.actor(), v.caller.Member, v.value("name")); err != nil {
		return d.showSettings(v, err)
	}
	return v.done("settings", "named")
}

func (d Dashboard) updateOrg(v visit) error {
	name, slug := v.value("name"), v.value("slug")
	org, err := d.Orgs.Update.Update(v.r.Context(), v.actor(), orgs.Change{Name: &name, Slug: &slug})
	if err != nil {
		return d.showSettings(v, err)
	}
	v.caller.Org = org // its pages are below the new slug
	return v.done("settings", "org")
}

func (d Dashboard) signOut(v visit) error {
	if err := d.Sessions.Keep.End(v.r.Context(), v.actor(), v.caller.Session); err != nil {
		return err
	}
	return v.goodbye("out")
}

func (d Dashboard) askSignOutEverywhere(v visit, refused error) error {
	return v.ask("settings", askData{
		frame: titled("Sign out everywhere?"), Lead: "All your sessions end, this one too.",
		Do: "sign-out-everywhere", Danger: true, Button: "Sign out everywhere",
		Facts: []string{"You need a new link from your mail to get in again.", "Your keys go on working."},
	}, refused)
}

func (d Dashboard) signOutEverywhere(v visit) error {
	if err := d.Sessions.Keep.EndAll(v.r.Context(), v.actor(), v.caller.Member); err != nil {
		return err
	}
	return v.goodbye("all-out")
}

func (d Dashboard) askDeleteOrg(v visit, refused error) error {
	if err := authz.CheckOrg(v.actor(), authz.OrgDelete); err != nil {
		return err
	}
	org := v.caller.Org
	confirm := field{Name: "confirm", Label: "Type “" + org.Slug + "” to confirm", Type: "text", Required: true, Value: v.value("confirm")}
	return v.ask("settings", askData{
		frame: titled("Delete " + org.Name + "?"), Lead: "From that moment on, nothing of the organization works. It cannot be undone.",
		Do: "delete", Danger: true, Button: "Delete " + org.Name, Fields: []field{confirm},
		Facts: []string{
			"All members are signed out, and all keys stop working. Programs that use them fail.",
			"Pending invitations can no longer be accepted.",
			"Its data is removed in the background. The audit trail stays.",
			"You and your members can then join or create other organizations.",
		},
	}, refused)
}

func (d Dashboard) deleteOrg(v visit) error {
	if err := d.Orgs.Delete.Delete(v.r.Context(), v.actor(), v.value("confirm")); err != nil {
		return d.askDeleteOrg(v, err)
	}
	return v.goodbye("deleted")
}
