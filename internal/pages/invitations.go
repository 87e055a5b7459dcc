package pages

import (
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/invites"
	lists "github.com/nemorouter/nemo-team/internal/page"
)

// peopleHead is what the lists of members and of invitations begin with.
type peopleHead struct {
	Tabs   []tab
	Invite inviteForm
}

// invitationsData is the list of invitations.
type invitationsData struct {
	frame
	Head     peopleHead
	Outcome  inviteOutcome
	Statuses []tab
	Status   string // what the rows are, as a word
	Rows     []invitationRow
	Pager    pager
}

// invitationRow is one invitation.
type invitationRow struct {
	ID, Email, Team, By string
	Role                authz.Role
	Status              badge
	Mail                badge  // what became of the mail; empty once that no longer matters
	Advice              string // what to do where the mail did not arrive
	When                string
	At                  moment
	Resend, Withdraw    bool   // offered
	Confirm             string // the page before a withdrawal
}

// badge is a short word with a color: good, warn, bad or plain.
type badge struct{ Label, Tone string }

var invitationsPage = newBoardPage[invitationsData]("invitations.html")

func (d Dashboard) peopleHead(v visit, known knownTeams, invitations bool) peopleHead {
	seated, pending := known.counts()
	head := peopleHead{Invite: v.inviteForm(known)}
	head.Tabs = []tab{{Label: "Members", Href: v.path("team"), Count: seated, Current: !invitations}}
	if v.may(authz.InvitationsRead) {
		head.Tabs = append(head.Tabs, tab{"Invitations", v.link("team", "view", "invitations"), pending, invitations})
	}
	return head
}

// showInvitations shows those of one status, pending unless asked otherwise, and what came
// of inviting, if that was just done.
func (d Dashboard) showInvitations(v visit, outcome inviteOutcome) error {
	filter, err := v.invitationsFilter()
	if err != nil {
		return err
	}
	var found lists.Of[invites.Invitation]
	var known knownTeams
	err = together(
		func() (err error) {
			found, err = d.Invites.Read.List(v.r.Context(), v.actor(), filter, v.invitationRows(filter))
			return err
		},
		func() (err error) { known, err = d.firstTeams(v); return err },
	)
	if err != nil {
		return err
	}
	ids := []string{outcome.Form.Team, v.query("to"), v.actor().TeamID}
	for _, i := range found.Data {
		ids = append(ids, i.TeamID)
	}
	if err := d.learn(v, known, ids); err != nil {
		return err
	}
	data := invitationsData{
		frame: v.frame("team", "Invitations"), Head: d.peopleHead(v, known, true), Outcome: outcome,
		Statuses: v.invitationsTabs(filter), Status: filterWord(filter), Pager: v.invitationsPager(filter, found.Next),
	}
	data.Head.Invite.refill(outcome, known)
	for _, i := range found.Data {
		data.Rows = append(data.Rows, v.invitationRow(i, known))
	}
	invitationsPage.render(v.w, v.r, outcome.status(), data)
	return nil
}

// invitationsFilters are the lists that there are, as their tabs stand.
var invitationsFilters = []invites.Filter{
	{Status: invites.Pending}, {Status: invites.Pending, Delivery: invites.Bounced},
	{Status: invites.Expired}, {Status: invites.Accepted}, {Status: invites.Declined}, {Status: invites.Revoked},
}

// invitationsFilter is the one of them that the query asks for.
func (v visit) invitationsFilter() (invites.Filter, error) {
	status, err := invites.ParseStatus(or(v.query("status"), string(invites.Pending)))
	f := invites.Filter{Status: status}
	if v.query("mail") == string(invites.Bounced) {
		f.Delivery = invites.Bounced
	}
	return f, err
}

// invitationRows asks for the page of a list that the query names. Of those that are found by
// their mails, many may have to be read: a page takes few round trips, and there is a next one.
func (v visit) invitationRows(f invites.Filter) lists.Request {
	rows := v.rows()
	if f.Delivery != "" {
		rows.Reads = 4
	}
	return rows
}

// invitationsAt is the address of a list.
func (v visit) invitationsAt(f invites.Filter, cursor string) string {
	return v.link("team", "view", "invitations", "status", string(f.Status), "mail", string(f.Delivery), "cursor", cursor)
}

// invitationsPager names the list: what answers a form has another address.
func (v visit) invitationsPager(f invites.Filter, next string) (p pager) {
	if v.query("cursor") != "" {
		p.First = v.invitationsAt(f, "")
	}
	if next != "" {
		p.Next = v.invitationsAt(f, next)
	}
	return p
}

func (v visit) invitationsTabs(present invites.Filter) (tabs []tab) {
	for _, f := range invitationsFilters {
		tabs = append(tabs, tab{Label: sentence(filterWord(f)), Href: v.invitationsAt(f, ""), Current: f == present})
	}
	return tabs
}

// filterWord is what the pages call the invitations of a list.
func filterWord(f invites.Filter) string {
	if f.Delivery != "" {
		return string(f.Delivery)
	}
	return statusWord(f.Status)
}

// statusWord is a status as the pages say it.
func statusWord(s invites.Status) string {
	if s == invites.Revoked {
		return "withdrawn"
	}
	return string(s)
}

var statusTones = map[invites.Status]string{invites.Pending: "plain", invites.Accepted: "good", invites.Expired: "warn"}

// mails are the words for what became of an invitation's mail.
var mails = map[invites.Delivery]badge{
	invites.Queued:     {"Mail waiting", "warn"},
	invites.Sent:       {"Mail sent", "good"},
	invites.Bounced:    {"Mail bounced", "bad"},
	invites.Complained: {"Marked as spam", "bad"},
	invites.Failed:     {"Mail failed", "bad"},
}

// advices are what to do about mails that did not arrive.
var advices = map[invites.Delivery]string{
	invites.Bounced:    "Is the address right?",
	invites.Complained: "No more mails go there.",
	invites.Failed:     "Ask them for another address, or send it again.",
}

func (v visit) invitationRow(i invites.Invitation, known knownTeams) invitationRow {
	status := i.StatusAt(v.now)
	row := invitationRow{
		ID: i.ID, Email: i.Email, Role: i.Role, Team: known.name(i.TeamID), By: i.InvitedBy.Display(),
		Status: badge{sentence(statusWord(status)), statusTones[status]}, When: "Invited", At: date(i.CreatedAt),
	}
	switch status {
	case invites.Pending:
		row.Mail, row.When, row.At = mails[i.Delivery], "Ends "+in(i.ExpiresAt.Sub(v.now)), date(i.ExpiresAt)
	case invites.Expired:
		row.Mail, row.When, row.At = mails[i.Delivery], "Ended", date(i.ExpiresAt)
	}
	if row.Mail.Label != "" {
		row.Advice = advices[i.Delivery]
	}
	mine := v.may(authz.InvitationsManage)
	row.Withdraw = mine && status == invites.Pending
	row.Resend = authz.CanGrant(v.actor().Role, i.Role) && (status == invites.Pending || status == invites.Expired)
	row.Confirm = v.link("team", "do", "withdraw", "id", i.ID)
	return row
}

func (d Dashboard) askWithdraw(v visit, refused error) error {
	if err := authz.CheckOrg(v.actor(), authz.InvitationsManage); err != nil {
		return err
	}
	i, err := d.Invites.Read.Get(v.r.Context(), v.actor(), v.query("id"))
	if err != nil {
		return err
	}
	return v.ask("team", askData{
		frame: titled("Withdraw this invitation?"),
		Lead:  i.Email + " was invited by " + i.InvitedBy.Display() + " to join as " + article(i.Role) + ".",
		Do:    "withdraw", ID: i.ID, Danger: true, Button: "Withdraw the invitation",
		Facts: []string{"The link in the mail stops working.", "The seat in its team is free again. You can invite the address again at any time."},
		Back:  action{"Cancel", v.link("team", "view", "invitations")},
	}, refused)
}

func (d Dashboard) withdraw(v visit) error {
	if err := d.Invites.Revoke.Revoke(v.r.Context(), v.actor(), v.value("id")); err != nil {
		return err
	}
	return v.done("team", "withdrawn", "view", "invitations")
}

func (d Dashboard) resend(v visit) error {
	i, err := d.Invites.Resend.Resend(v.r.Context(), v.actor(), v.value("id"))
	if err != nil {
		return err
	}
	return v.done("team", mailed(i, "resent"), "view", "invitations")
}
