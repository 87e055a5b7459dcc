package pages

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/web"
)

// settingsData is oneself, one's sessions, and the organization.
type settingsData struct {
	frame
	Action   string
	Name     field
	Sessions []sessionRow
	Pager    pager
	Org      orgs.Org
	NewName  field // of the organization
	Slug     field
	Update   bool // name and slug are offered
	Leave    string
	Delete   string // the page before deletion; empty if it is not offered
	Notice   string
}

// sessionRow is one sign-in.
type sessionRow struct {
	Device, IP string
	Here       bool
	Since      moment
	Until      moment
}

var settingsPage = newBoardPage[settingsData]("settings.html")

func (d Dashboard) getSettings(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{"delete": d.askDeleteOrg, "sign-out-everywhere": d.askSignOutEverywhere})
		if err != nil {
			return fault.ErrNotFound
		}
		return show(v, nil)
	}
	return d.showSettings(v, nil)
}

func (d Dashboard) postSettings(v visit) error {
	act, err := chosen(v.value("do"), map[string]func(visit) error{
		"name": d.renameSelf, "org": d.updateOrg, "delete": d.deleteOrg,
		"sign-out": d.signOut, "sign-out-everywhere": d.signOutEverywhere,
	})
	if err != nil {
		return err
	}
	return act(v)
}

func (d Dashboard) showSettings(v visit, refused error) error {
	found, err := d.Sessions.Keep.List(v.r.Context(), v.caller.Member, v.rows())
	if err != nil {
		return err
	}
	org := v.caller.Org
	data := settingsData{
		frame: v.frame("settings", "Settings"), Action: v.path("settings"), Org: org, Pager: v.pager(found.Next),
		Update: v.may(authz.OrgUpdate),
		Name: field{ID: "own-name", Name: "name", Label: "Your name", Type: "text", Autocomplete: "name", Value: v.caller.Member.Name,
			Hint: "How your team sees you.", Required: true},
		NewName: field{ID: "org-name", Name: "name", Label: "Organization", Type: "text", Value: org.Name, Required: true},
		Slug: field{Name: "slug", Label: "Slug", Type: "text", Value: org.Slug, Required: true,
			Hint: "Its address here. Links to the old one stop working."},
	}
	if v.may(authz.OrgDelete) {
		data.Delete = v.link("settings", "do", "delete")
	}
	if authz.CheckActOn(v.actor().Role) == nil {
		data.Leave = v.link("team", "do", "leave", "id", v.actor().UserID)
	}
	for _, s := range found.Data {
		data.Sessions = append(data.Sessions, v.sessionRow(s))
	}
	status, err := data.refuse(v, refused)
	if err != nil {
		return err
	}
	settingsPage.render(v.w, v.r, status, data)
	return nil
}

// refuse puts what was wrong beside the field that it is about.
func (data *settingsData) refuse(v visit, refused error) (status int, err error) {
	if refused == nil {
		return http.StatusOK, nil
	}
	flt, ok := mendable(refused)
	if flt.Code == orgs.ErrSlugTaken.Code {
		flt, ok = fault.BadField("body.slug", flt.Detail), true
		status = http.StatusConflict
	}
	if !ok {
		return 0, refused
	}
	if v.value("do") == "name" {
		data.Name.Value = v.value("name")
		data.Notice = notice(flt, &data.Name)
	} else {
		data.NewName.Value, data.Slug.Value = v.value("name"), v.value("slug")
		data.Notice = notice(flt, &data.Slug, &data.NewName)
	}
	answer(v.w, v.r, flt, refused)
	if status == 0 {
		status = web.Status(flt.Kind)
	}
	return status, nil
}

func (v visit) sessionRow(s sessions.Session) sessionRow {
	return sessionRow{Device: device(s.UserAgent), IP: s.IP, Here: s.ID == v.caller.Session.ID,
		Since: minute(s.CreatedAt), Until: date(s.ExpiresAt)}
}
