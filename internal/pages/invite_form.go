package pages

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/web"
)

// inviteForm invites people. It is not offered if Roles is empty.
type inviteForm struct {
	Action string
	Open   bool
	People string // what is typed already
	Roles  []option
	Teams  []option
	Of, On int // how long the whole list is, and how much of it is done, if it takes several sendings
}

// inviteOutcome is what came of sending the form.
type inviteOutcome struct {
	Rows    []outcomeRow
	Created int
	Of, On  int // of a list too long for one sending: its length, and how much of it is done
	Form    sentInvites
	Notice  string
	Refused int // the status, if nobody was invited
}

// outcomeRow is what became of one line.
type outcomeRow struct {
	Line  string
	Good  bool
	Words string
}

// sentInvites is what is to be in the form again.
type sentInvites struct{ People, Role, Team string }

func (v visit) inviteForm(known knownTeams) inviteForm {
	f := inviteForm{Action: v.path("team"), Open: v.query("invite") != "" || v.query("to") != ""}
	if !v.may(authz.InvitationsManage) {
		return f
	}
	f.Roles = rolesToGrant(v.actor().Role, authz.Member)
	slices.Reverse(f.Roles)
	f.Teams = teamsToJoin(known, v.query("to"), v.actor().TeamID)
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
	if len(f.Teams) > 0 {
		f.Teams = teamsToJoin(known, o.Form.Team, f.Teams[0].Value)
	}
}

// invite reads the form's lines and invites the first MaxBulk of them.
func (d Dashboard) invite(v visit) error {
	text, err := v.people()
	if err != nil {
		return err
	}
	sent := sentInvites{Role: v.value("role"), Team: v.value("team")}
	lines := parsePeople(text)
	if len(lines) == 0 {
		return d.showInvitations(v, inviteOutcome{Form: sent, Refused: http.StatusUnprocessableEntity,
			Notice: "Whom do you want to invite? Type an address, paste a list or choose a file."})
	}
	now, later := lines[:min(len(lines), invites.MaxBulk)], lines[min(len(lines), invites.MaxBulk):]
	results, err := d.inviteAll(v, now, sent)
	if err != nil {
		return err
	}
	if len(lines) == 1 && results[0].Err == nil {
		code := "invited"
		if results[0].Invitation.Delivery == invites.Queued {
			code = "queued"
		}
		return v.done("team", code, "view", "invitations")
	}
	return d.showInvitations(v, v.outcome(now, later, results, sent))
}

// people is the typed list and the file's, one after the other.
func (v visit) people() (string, error) {
	text := v.r.PostForm.Get("people")
	file, _, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return text, nil
	}
	if err != nil {
		return "", errForm.Because(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		return "", errForm.Because(err)
	}
	return text + "\n" + strings.ToValidUTF8(string(content), "\ufffd"), nil
}

// inviteAll turns names of teams into ids, and invites.
func (d Dashboard) inviteAll(v visit, lines []personLine, sent sentInvites) ([]invites.Result, error) {
	byName := map[string]string{}
	if slices.ContainsFunc(lines, func(l personLine) bool { return l.Team != "" }) {
		known, err := d.teams(v, nil)
		if err != nil {
			return nil, err
		}
		for _, t := range slices.Backward(known.first) {
			byName[strings.ToLower(t.Name)] = t.ID
		}
	}
	batch := make([]invites.New, len(lines))
	for i, l := range lines {
		batch[i] = invites.New{Email: l.Email, Role: or(strings.ToLower(l.Role), sent.Role), TeamID: sent.Team, Row: i}
		if l.Team != "" {
			batch[i].TeamID = or(byName[strings.ToLower(l.Team)], l.Team)
		}
	}
	return d.Invites.Create.CreateAll(v.r.Context(), v.actor(), batch)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// outcome tells what became of each line. What was refused for good stays in the form to be
// mended, then comes what has not had its turn.
func (v visit) outcome(now, later []personLine, results []invites.Result, sent sentInvites) inviteOutcome {
	o := inviteOutcome{Form: sent}
	var again []string
	refused := 0
	for i, r := range results {
		row := outcomeRow{Line: now[i].Raw, Good: r.Err == nil}
		if r.Err == nil {
			o.Created++
			row.Line, row.Words = r.Invitation.Email, "Invited as "+string(r.Invitation.Role)
			if r.Invitation.Delivery == invites.Queued {
				row.Words += "; the mail follows"
			}
		} else {
			row.Words, refused = words(r.Err), web.Status(fault.As(r.Err).Kind)
			if mend(r.Err) {
				again = append(again, now[i].Raw)
			}
		}
		o.Rows = append(o.Rows, row)
	}
	if o.Created == 0 {
		o.Refused = refused
	}
	for _, l := range later {
		again = append(again, l.Raw)
	}
	if len(later) > 0 || v.value("on") != "" {
		before, _ := strconv.Atoi(v.value("on"))
		o.On = before + len(now)
		o.Of = o.On + len(later)
	}
	o.Form.People = strings.Join(again, "\n")
	return o
}

// mend reports whether the line may do better when it is sent again.
func mend(err error) bool {
	switch fault.As(err).Kind {
	case fault.Invalid, fault.Forbidden, fault.RateLimited, fault.Unavailable:
		return true
	default:
		return false
	}
}

// words are a fault's own, or its first field's.
func words(err error) string {
	flt := fault.As(err)
	if len(flt.Fields) > 0 {
		return flt.Fields[0].Message
	}
	return flt.Detail
}
