package pages

import (
	"net/http"
	"strings"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
)

// auditData is the record of who changed what.
type auditData struct {
	frame
	Filter  auditFilter
	Rows    []auditRow
	Exports []action // of all that the filter leaves
	Pager   pager
}

// auditFilter is what the record is narrowed to.
type auditFilter struct {
	Actor, Target, From, To field
	Actions                 []option
	Clear                   string // where nothing is narrowed; empty if nothing is
}

// auditRow is one entry.
type auditRow struct {
	At                     moment
	Actor                  anchor // to what else they did; those who are no user lead nowhere
	Via                    string
	What, Target           anchor // to the like
	Kind                   string
	Changes                []change
	IP, UserAgent, Request string
}

var auditPage = newBoardPage[auditData]("audit.html")

func (d Dashboard) getAudit(v visit) error {
	if err := authz.CheckOrg(v.actor(), authz.AuditRead); err != nil {
		return err
	}
	filter, err := d.auditFilter(v)
	if err != nil {
		return err
	}
	if v.query("file") != "" {
		return d.exportAudit(v, filter)
	}
	found, err := d.Reports.Audit.List(v.r.Context(), v.actor(), filter, v.rows())
	if err != nil {
		return err
	}
	names, err := d.names(v, found.Data)
	if err != nil {
		return err
	}
	data := auditData{frame: v.frame("audit", "Audit"), Filter: v.auditForm(filter), Pager: v.pager(found.Next)}
	for _, e := range found.Data {
		data.Rows = append(data.Rows, v.auditRow(e, names))
	}
	if len(data.Rows) > 0 || found.Next != "" {
		data.Exports = v.exports(filter)
	}
	auditPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

// auditFilter reads the query. People are asked for by address or id; where both are by
// address, both are looked for at the same time.
func (d Dashboard) auditFilter(v visit) (f audit.Filter, err error) {
	f.Action = audit.Action(v.query("action"))
	err = together(
		func() (err error) { f.ActorID, err = d.userID(v, "actor"); return err },
		func() (err error) { f.TargetID, err = d.userID(v, "target"); return err },
	)
	if err != nil {
		return f, err
	}
	if f.From, err = day(v.query("from")); err != nil {
		return f, errDay
	}
	if f.To, err = day(v.query("to")); err != nil {
		return f, errDay
	}
	if !f.To.IsZero() {
		f.To = f.To.AddDate(0, 0, 1) // the day belongs to it
	}
	return f, nil
}

var errDay = fault.BadField("query.from", "Days are written like 2030-12-31.")

// userID reads a field of the query: a member's address becomes their id, and ids stay as
// they are.
func (d Dashboard) userID(v visit, name string) (string, error) {
	asked := v.query(name)
	if !strings.Contains(asked, "@") {
		return asked, nil
	}
	nobody := fault.BadField("query."+name, "No member has this address. Former members are found by their id.")
	email, err := address.Normalise(asked)
	if err != nil {
		return "", nobody.Because(err)
	}
	found, err := d.Members.Read.List(v.r.Context(), v.actor(), members.Filter{Query: email}, first)
	if err != nil {
		return "", err
	}
	for _, m := range found.Data {
		if m.Email == email {
			return m.UserID, nil
		}
	}
	return "", nobody
}

// exports are links to all that the filter leaves, as files. They name people by their ids,
// so that none has to be looked for again.
func (v visit) exports(f audit.Filter) []action {
	link := func(file string) string {
		return v.link("audit", "file", file, "actor", f.ActorID, "action", string(f.Action), "target", f.TargetID,
			"from", v.query("from"), "to", v.query("to"))
	}
	return []action{{"CSV", link("csv")}, {"JSON Lines", link("jsonl")}}
}

func (v visit) auditForm(f audit.Filter) auditFilter {
	form := auditFilter{
		Actor:   field{Name: "actor", Label: "Who (address or id)", Type: "search", Value: v.query("actor")},
		From:    field{Name: "from", Label: "From", Type: "date", Value: v.query("from")},
		To:      field{Name: "to", Label: "To", Type: "date", Value: v.query("to")},
		Target:  field{Name: "target", Label: "To whom or what (id)", Type: "search", Value: v.query("target")},
		Actions: []option{{Label: "Anything", Chosen: f.Action == ""}},
	}
	listed := f.Action == ""
	for _, a := range audit.Actions() {
		form.Actions = append(form.Actions, option{Value: string(a), Label: wordsOf(a), Chosen: a == f.Action})
		listed = listed || a == f.Action
	}
	if !listed {
		form.Actions = append(form.Actions, option{Value: string(f.Action), Label: string(f.Action), Chosen: true})
	}
	if f != (audit.Filter{}) {
		form.Clear = v.path("audit")
	}
	return form
}

func (v visit) auditRow(e audit.Entry, l spendLabels) auditRow {
	target, kind := l.target(e.Target)
	row := auditRow{
		At: minute(e.At), Actor: anchor{Label: or(e.Actor.Email, "nemo-team")}, Via: viaWords[e.Actor.Via],
		What:   anchor{wordsOf(e.Action), v.link("audit", "action", string(e.Action))},
		Target: anchor{target, v.link("audit", "target", e.Target.ID)}, Kind: kind,
		Changes: l.changes(e), IP: e.IP, UserAgent: e.UserAgent, Request: e.RequestID,
	}
	if e.Actor.UserID != "" {
		row.Actor.Href = v.link("audit", "actor", e.Actor.UserID)
	}
	return row
}

// viaWords are the ways in which people act, in words.
var viaWords = map[authz.Via]string{
	authz.ViaSession: "signed in", authz.ViaKey: "with a key", authz.ViaLink: "with a mailed link",
	authz.ViaGateway: "the gateway", authz.ViaSystem: "by itself",
}
