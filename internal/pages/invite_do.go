package pages

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/web"
)

// invite reads the form's lines and invites the first MaxBulk of them.
func (d Dashboard) invite(v visit) error {
	text, err := v.people()
	if err != nil {
		return err
	}
	sent := sentInvites{Role: v.value("role"), Team: v.value("team"), TeamName: v.value("team_name")}
	lines := parsePeople(text)
	if len(lines) == 0 {
		return d.showInvitations(v, inviteOutcome{Form: sent, Refused: http.StatusUnprocessableEntity,
			Notice: "Whom do you want to invite? Type an address, paste a list or choose a file."})
	}
	now, later := lines[:min(len(lines), invites.MaxBulk)], lines[min(len(lines), invites.MaxBulk):]
	results, err := d.inviteAll(v, now, sent)
	if err != nil {
		return d.refuseInvites(v, text, sent, err)
	}
	if len(lines) == 1 && results[0].Err == nil {
		return v.done("team", mailed(results[0].Invitation, "invited"), "view", "invitations")
	}
	return d.showInvitations(v, v.outcome(now, later, results, sent))
}

// mailed is the code of what was done: done, if the mail is on its way.
func mailed(i invites.Invitation, done string) string {
	switch i.Delivery {
	case invites.Queued:
		return "queued"
	case invites.Failed:
		return "unwanted"
	default:
		return done
	}
}

// refuseInvites puts the whole list back into the form: nobody should have to type it again.
// Some of it may be done; who is invited already is told so then, and gets no second mail.
func (d Dashboard) refuseInvites(v visit, list string, sent sentInvites, err error) error {
	flt, ok := mendable(err)
	if !ok {
		return err
	}
	answer(v.w, v.r, flt, err)
	o := inviteOutcome{Form: sent, Notice: words(err), Refused: web.Status(flt.Kind)}
	if flt.Kind == fault.Unavailable {
		o.Notice += " Some of them may be invited: send the list again, and nobody is invited twice."
	}
	o.Form.People = strings.TrimSpace(list)
	return d.showInvitations(v, o)
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
	names := []string{sent.TeamName}
	for _, l := range lines {
		names = append(names, l.Team)
	}
	byName, err := d.Orgs.ReadTeams.Named(v.r.Context(), v.actor(), names...)
	if err != nil {
		return nil, err
	}
	batch := make([]invites.New, len(lines))
	for i, l := range lines {
		batch[i] = invites.New{Email: l.Email, Role: or(strings.ToLower(l.Role), sent.Role), TeamID: sent.Team, Row: i}
		if name := or(l.Team, sent.TeamName); name != "" {
			batch[i].TeamID = or(byName[strings.ToLower(name)], name)
		}
	}
	return d.Invites.Create.CreateAll(v.r.Context(), v.actor(), batch)
}
