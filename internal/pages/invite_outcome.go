package pages

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/web"
)

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
type sentInvites struct{ People, Role, Team, TeamName string }

// outcome tells what became of each line. What can be mended is in the form
// again, before what has not had its turn.
func (v visit) outcome(now, later []personLine, results []invites.Result, sent sentInvites) inviteOutcome {
	o := inviteOutcome{Form: sent}
	var again []string
	refused := 0
	for i, r := range results {
		row := outcomeRow{Line: brief(now[i].Raw), Good: r.Err == nil}
		if r.Err == nil {
			o.Created++
			row.Line, row.Words = r.Invitation.Email, "Invited as "+string(r.Invitation.Role)
			switch r.Invitation.Delivery {
			case invites.Queued:
				row.Words += "; the mail follows"
			case invites.Failed:
				row.Words += "; no mail goes there, for the address complained about one"
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
		before, _ := strconv.Atoi(v.value("on")) // ours; if it is not, it counts for nothing
		o.On = before + len(now) + len(later) - len(again)
		o.Of = o.On + len(again)
	}
	o.Form.People = strings.Join(again, "\n")
	return o
}

// maxBrief is the length of a line that holds all that an address, a role and a team can be.
const maxBrief = 500

// brief is the beginning of a line: one may be all that was sent, and what can be mended is
// in the form as a whole.
func brief(line string) string {
	if runes := []rune(line); len(runes) > maxBrief {
		return string(runes[:maxBrief]) + "…"
	}
	return line
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

// status is that of the answer: refused if all was refused.
func (o inviteOutcome) status() int {
	if o.Refused != 0 {
		return o.Refused
	}
	return http.StatusOK
}
