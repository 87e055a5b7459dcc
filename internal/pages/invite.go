package pages

import (
	"fmt"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/web"
)

// inviteData is an invitation, to be accepted or declined.
type inviteData struct {
	Token        string
	OrgName      string
	InviterName  string // may be empty
	InviterEmail string
	Email        string // who is invited
	Role         authz.Role
	Abilities    []ability
	TeamName     string
	Expires      time.Time
	ExpiresIn    string
	Name         field
	Notice       string
}

// declinedData is the page after declining.
type declinedData struct{}

var (
	invitePage   = newPage[inviteData]("invite.html")
	declinedPage = newPage[declinedData]("declined.html")
)

func newInviteData(now time.Time, token string, o invites.Offer) inviteData {
	return inviteData{
		Token: token, OrgName: o.Org.Name,
		InviterName: o.Inviter.Name, InviterEmail: o.Inviter.Email,
		Email: o.Invitation.Email, TeamName: o.TeamName,
		Role: o.Invitation.Role, Abilities: abilities(o.Invitation.Role),
		Expires: o.Invitation.ExpiresAt, ExpiresIn: in(o.Invitation.ExpiresAt.Sub(now)),
		Name: field{Name: "name", Label: "Your name", Type: "text", Autocomplete: "name",
			Hint: "Optional. It is how your team will see you."},
	}
}

func (p Public) getInvite(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	offer, err := p.Preview.Preview(r.Context(), token)
	if err != nil {
		fail(w, r, err, action{})
		return
	}
	invitePage.render(w, r, http.StatusOK, newInviteData(p.Preview.Now(), token, offer))
}

func (p Public) postInvite(w http.ResponseWriter, r *http.Request) {
	values, err := posted(r, "name")
	if err != nil {
		fail(w, r, err, action{"Try again", r.URL.Path})
		return
	}
	joined, err := p.Accept.Accept(r.Context(), r.PathValue("token"), values[0], web.Origin(r))
	switch flt, ok := mendable(err); {
	case err == nil:
		p.enter(w, r, joined.Session, joined.Member.OrgID)
	case ok:
		p.refuseInvite(w, r, values[0], flt, err)
	default:
		fail(w, r, err, onwards(err, action{}, r.URL.Path))
	}
}

// refuseInvite shows the invitation again, with what was wrong. If it can no longer be
// shown, that is what the reader needs to know.
func (p Public) refuseInvite(w http.ResponseWriter, r *http.Request, name string, flt *fault.Error, err error) {
	token := r.PathValue("token")
	offer, gone := p.Preview.Preview(r.Context(), token)
	if gone != nil {
		fail(w, r, gone, action{})
		return
	}
	data := newInviteData(p.Preview.Now(), token, offer)
	data.Name.Value = name
	data.Notice = notice(flt, &data.Name)
	answer(w, r, flt, err)
	invitePage.render(w, r, web.Status(flt.Kind), data)
}

func (p Public) postDecline(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if err := p.Decline.Decline(r.Context(), token, web.Origin(r)); err != nil {
		fail(w, r, err, onwards(err, action{}, "/invite/"+token))
		return
	}
	declinedPage.render(w, r, http.StatusOK, declinedData{})
}

// in says how long d is, for people: "in 7 days".
func in(d time.Duration) string {
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := d.Round(unit.long) / unit.long; n > 1 || n == 1 && d >= unit.long {
			return fmt.Sprintf("in %d %s", n, plural(unit.name, int(n)))
		}
	}
	return "in less than a minute"
}

func plural(word string, n int) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
