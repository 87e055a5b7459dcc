package pages_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

func TestBoard_inviteOne(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	email := apitest.Address("guest")
	done(t, b, b.send("/team", "do", "invite", "people", email, "role", "viewer", "team", b.TeamID), "invited")
	says(t, b.open("/team?view=invitations").Want(200), email, "Viewer", "Mail sent", "Ends in 7 days")
	if joined := b.Join(email); joined.Do("GET", "/v1/me", nil).Get("role") != "viewer" {
		t.Error("joined as something else")
	}
	silent(t, b.open("/team?view=invitations").Want(200), email)
	says(t, b.open("/team?view=invitations&status=accepted").Want(200), email)
}

func TestBoard_inviteWithoutMail(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	b.Mail.Fail(true)
	done(t, b, b.send("/team", "do", "invite", "people", apitest.Address("guest"), "role", "member"), "queued")
	says(t, b.open("/team?view=invitations"), "Mail waiting")
}

// Nobody is told that a mail is on its way to an address that wants none.
func TestBoard_inviteWhoWantsNoMail(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	email := apitest.Address("guest")
	if err := b.Store.Suppress(t.Context(), email, b.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	done(t, b, b.send("/team", "do", "invite", "people", email, "role", "member"), "unwanted")
	id := b.List("/v1/invitations")[0]["id"].(string)
	done(t, b, b.send("/team", "do", "resend", "id", id), "unwanted")
	done(t, b, b.send("/team", "do", "withdraw", "id", id), "withdrawn")
	r := b.send("/team", "do", "invite", "people", email+"\n"+apitest.Address("other"), "role", "member").Want(200)
	says(t, r, "2 of 2 invited", "no mail goes there")
}

// Every line gets its result; what can be mended is in the form again.
func TestBoard_inviteMany(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	b.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	one, two, three := apitest.Address("one"), apitest.Address("two"), apitest.Address("three")
	list := strings.Join([]string{one, "Two <" + two + ">; admin; research", "nonsense", one, "x@example.com, owner"}, "\r\n")
	r := b.upload("/team", "\ufeffName,Email,Role\nThree,"+three+",viewer\n", "do", "invite", "people", list, "role", "member", "team", b.TeamID).Want(200)
	says(t, r, "3 of 6 invited", "Invited as admin", "Invited as viewer", "nonsense", "pending. Resend or revoke")
	again := regexp.MustCompile(`(?s)<textarea id="people"[^>]*>\n(.*?)</textarea>`).FindSubmatch(r.Body)
	if got := string(again[1]); got != "nonsense\nx@example.com, owner" {
		t.Errorf("to mend: %q", got)
	}
	for email, want := range map[string]string{one: "Member", two: "Research", three: "Viewer"} {
		if b.Mail.Token(email) == "" {
			t.Errorf("%s got no mail", email)
		}
		says(t, b.open("/team?view=invitations"), want)
	}
}

// Spreadsheets begin a file with a mark that is no part of its first cell.
func TestBoard_inviteFileOfASpreadsheet(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	one, two, three := apitest.Address("one"), apitest.Address("two"), apitest.Address("three")
	r := b.upload("/team", "\ufeffEmail,Name,Role\r\n"+one+",One,viewer\r\n"+two+",Two,admin\r\n", "do", "invite", "role", "member").Want(200)
	says(t, r, "2 of 2 invited", "Invited as viewer", "Invited as admin")
	done(t, b, b.upload("/team", "\ufeff"+three+"\r\n", "do", "invite", "role", "member"), "invited")
}

func TestBoard_inviteMoreThanOneSending(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	var list []string
	for i := range 130 {
		list = append(list, apitest.Address(fmt.Sprint("crowd", i)))
	}
	r := b.send("/team", "do", "invite", "people", strings.Join(list, "\n"), "role", "member").Want(200)
	says(t, r, "100 of 100 invited", "100 of 130 addresses", `value="100" max="130"`, `name="on" value="100"`, list[129])
	silent(t, r, list[0]+"\n")
	says(t, b.Browse("GET", link(t, r, `href="([^"]*)" rel="next"`), "").Want(200), "crowd", ">First page<")
	r = b.send("/team", "do", "invite", "on", "100", "people", strings.Join(list[100:], "\n"), "role", "member").Want(200)
	says(t, r, "30 of 30 invited", `value="130" max="130"`)
}

func TestBoard_inviteNobody(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	says(t, b.send("/team", "do", "invite", "people", " \n ", "role", "member").Want(422), "Whom do you want to invite?")
	says(t, b.send("/team", "do", "invite", "people", "nonsense", "role", "member").Want(422), "0 of 1 invited", ">\nnonsense</textarea>")
}

// manyTeams gives the org more teams than a list of options has: "Team 0" to "Team 100".
func manyTeams(owner *apitest.Person) (last string) {
	for i := range 101 {
		last = owner.Do("POST", "/v1/teams", apitest.Map{"name": fmt.Sprint("Team ", i)}).Want(201).Get("id")
	}
	return last
}

// Of many teams the form has the first, and that of who invites: else the browser would
// choose the first in silence. Others are reached by their names.
func TestBoard_inviteToOneOfManyTeams(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	own := manyTeams(owner)
	email := apitest.Address("admin")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "admin", "team_id": own}).Want(201)
	b := browse(owner.Join(email))
	for _, page := range []string{"/team", "/team?view=invitations"} {
		says(t, b.open(page).Want(200), `<option value="`+own+`" selected>`, `id="invite-team-name-hint">The list of teams has the first 100.`)
	}
	byName := func(team string) []string {
		return []string{"do", "invite", "people", apitest.Address("guest"), "role", "member", "team", owner.TeamID, "team_name", team}
	}
	done(t, b, b.send("/team", byName("TEAM 100")...), "invited")
	says(t, b.send("/team", byName("Team 101")...).Want(422), "no such team", `value="Team 101"`)
	done(t, b, b.send("/team", "do", "invite", "people", apitest.Address("guest")+", member, team 100", "role", "member"), "invited")
	for _, i := range b.List("/v1/invitations?status=pending") {
		if i["team_id"] != own {
			t.Errorf("invited to another team: %v", i)
		}
	}
}

func TestBoard_invitations(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	email := apitest.Address("guest")
	id := b.Invite(email, "member")
	old := b.Mail.Token(email)
	done(t, b, b.send("/team", "do", "resend", "id", id), "resent")
	if b.Mail.Token(email) == old {
		t.Error("nothing was sent")
	}
	says(t, b.open("/team?do=withdraw&id="+id).Want(200), "Withdraw this invitation?", email)
	done(t, b, b.send("/team", "do", "withdraw", "id", id), "withdrawn")
	says(t, b.send("/team", "do", "withdraw", "id", id).Want(410), "Withdrawn already")
	b.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": b.Mail.Token(email)}).WantProblem(410, "invitation_revoked")
}

// Those whose mails came back have a list of their own, within what is open.
func TestBoard_invitationsThatBounced(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	bounced, other := apitest.Address("bounced"), apitest.Address("other")
	id := b.Invite(bounced, "member")
	b.Invite(other, "member")
	says(t, b.open("/team?view=invitations&mail=bounced").Want(200), "None bounced")
	inv, err := b.Store.Invitation(t.Context(), b.OrgID, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Store.SaveOutcome(t.Context(), b.OrgID, id, inv.LetterID(), invites.Bounced); err != nil {
		t.Fatal(err)
	}
	r := b.open("/team?view=invitations").Want(200)
	says(t, r, bounced, other, "Mail bounced", ">Bounced</a>")
	r = b.Browse("GET", link(t, r, `href="([^"]*)">Bounced</a>`), "").Want(200)
	says(t, r, bounced, `aria-current="page">Bounced</a>`, "Resend to "+bounced, "Withdraw the one to "+bounced)
	silent(t, r, other)
	done(t, b, b.send("/team", "do", "resend", "id", id), "resent")
	silent(t, b.open("/team?view=invitations&mail=bounced").Want(200), "Resend to "+bounced)
}

// Where very many invitations are open, a page reads a bounded part of them, and there is a next.
func TestBoard_bouncedAmongMany(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	for i := range 5 {
		var list []apitest.Map
		for j := range 100 {
			list = append(list, apitest.Map{"email": apitest.Address(fmt.Sprint("crowd", i, ".", j)), "role": "member"})
		}
		b.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": list}).Want(200)
	}
	var r *apitest.Reply
	calls := b.Wire.Record(func() { r = b.open("/team?view=invitations&mail=bounced").Want(200) })
	if n := len(calls); n > 6 {
		t.Errorf("%d round trips", n)
	}
	says(t, r, "Nothing on this page")
	r = b.Browse("GET", link(t, r, `href="([^"]*)" rel="next"`), "").Want(200)
	says(t, r, "None bounced", `aria-current="page">Bounced</a>`)
}

func TestBoard_roleAndRemoval(t *testing.T) {
	cast := apitest.New(t).Cast()
	b, m := browse(cast.Owner), browse(cast.Member)
	cast.Member.Do("POST", "/v1/keys", apitest.Map{"name": "laptop"}).Want(201)
	says(t, b.open("/team?do=role&id="+m.ID).Want(200), "1 live key (laptop)", `value="member" required checked`)
	done(t, b, b.send("/team", "do", "role", "id", m.ID, "role", "admin"), "role")
	says(t, m.open("/team").Want(200), "Invite people")
	says(t, b.open("/team?do=remove&id="+m.ID).Want(200), "signed out everywhere", "Revoked with it: 1 live key (laptop)")
	done(t, b, b.send("/team", "do", "remove", "id", m.ID), "removed")
	m.open("/team").Want(303)
	says(t, b.open("/team?do=remove&id="+m.ID).Want(404), "Nothing here")
}

func TestBoard_leave(t *testing.T) {
	cast := apitest.New(t).Cast()
	m := browse(cast.Member)
	says(t, m.open("/team?do=leave").Want(200), "Only an invitation brings you back")
	r := m.send("/team", "do", "leave").Want(303)
	if to := r.Header.Get("Location"); to != "/signin?why=left" || !strings.Contains(r.Header.Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("sent to %s with %q", to, r.Header.Get("Set-Cookie"))
	}
	m.open("/team").Want(303)
	says(t, browse(cast.Owner).open("/team?do=leave").Want(409), "The owner cannot leave")
}

func TestBoard_transfer(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	says(t, b.open("/team?do=transfer&id="+cast.Admin.ID).Want(200), "You become an admin")
	done(t, b, b.send("/team", "do", "transfer", "id", cast.Admin.ID), "transferred")
	if role := cast.Admin.Do("GET", "/v1/me", nil).Get("role"); role != "owner" {
		t.Error(role)
	}
}

// A filter by team reaches those, too, that its list has no room for.
func TestBoard_membersOfOneOfManyTeamsAreFound(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	last, email := manyTeams(owner), apitest.Address("mate")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member", "team_id": last}).Want(201)
	owner.Join(email)
	b := browse(owner)
	says(t, b.open("/team").Want(200), `id="team-name-hint">The list of teams has the first 100.`, "is too much to add up here")
	r := b.open("/team?team=" + owner.TeamID + "&team_name=team+100").Want(200)
	says(t, r, email, `<option value="`+last+`" selected>Team 100`, "/spend?team="+last+"&by=member#table")
	silent(t, r, "Actions for "+owner.Email)
	says(t, b.open("/team?team_name=nothing").Want(422), "No team is called so.")
	silent(t, browse(apitest.New(t).SignUp("Small")).open("/team").Want(200), "team_name", "is too much to add up here")
}

func TestBoard_membersAreFound(t *testing.T) {
	cast := apitest.New(t).Cast()
	b := browse(cast.Owner)
	says(t, b.open("/team?q="+cast.Viewer.Email[:9]).Want(200), cast.Viewer.Email)
	r := b.open("/team?role=viewer").Want(200)
	says(t, r, cast.Viewer.Email)
	silent(t, r, cast.Admin.Email)
	says(t, b.open("/team?team="+cast.Owner.TeamID).Want(200), cast.Admin.Email)
	says(t, b.open("/team?q=nobody").Want(200), "Nobody found", ">Clear<")
	b.open("/team?role=king").Want(422)
	b.open("/team?cursor=nonsense").Want(422)
}

func TestBoard_teams(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	form := []string{"do", "create", "name", "Research", "nonce", b.NoID()}
	done(t, b, b.send("/teams", form...), "team-made")
	says(t, b.send("/teams", form...).Want(409), "sent twice")
	id := b.List("/v1/teams")[1]["id"].(string)
	if n := len(b.List("/v1/teams")); n != 2 {
		t.Errorf("%d teams", n)
	}
	says(t, b.send("/teams", "do", "create", "name", "www.evil.example").Want(422), "name-error", "www.evil.example")
	done(t, b, b.send("/teams", "do", "rename", "id", id, "name", "Lab"), "team-named")
	says(t, b.send("/teams", "do", "rename", "id", id, "name", "").Want(422), "name-error")
	says(t, b.open("/team?to="+id).Want(200), `<option value="`+id+`" selected>Lab`)
	says(t, b.open("/teams?do=delete&id="+id).Want(200), "Delete “Lab”?")
	done(t, b, b.send("/teams", "do", "delete", "id", id), "team-gone")
}
