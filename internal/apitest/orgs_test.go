package apitest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// A team goes only when nobody sits in it and nobody is invited to it.
func TestTeams_deletion(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	s := scene{apitest.Cast{Owner: owner}}
	guest := email("guest")
	team := aTeam(s)
	path := "/v1/teams/" + team
	id := owner.Do("POST", "/v1/invitations", apitest.Map{"email": guest, "role": "member", "team_id": team}).Want(201).Get("id")
	owner.Do("DELETE", path, nil).WantProblem(409, "team_not_empty")
	bob := w.Join(guest)
	owner.Do("DELETE", path, nil).WantProblem(409, "team_not_empty")
	owner.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	owner.Do("DELETE", path, nil).Want(204)

	owner.Do("GET", path, nil).WantProblem(404, "not_found")
	owner.Do("DELETE", path, nil).WantProblem(404, "not_found")
	owner.Do("PATCH", path, apitest.Map{"name": "x"}).WantProblem(404, "not_found")
	wantInvalid(t, owner.Do("POST", "/v1/invitations", apitest.Map{"email": guest, "role": "member", "team_id": team}), "body.team_id")
	entry := owner.List("/v1/audit?action=team.deleted")[0]
	if target := entry["target"].(apitest.Map); target["id"] != team || target["name"] != "Research" {
		t.Errorf("the record forgot the team's name: %v", entry)
	}
	if got := owner.Do("GET", "/v1/invitations/"+id, nil).Want(200).Get("status"); got != "accepted" {
		t.Errorf("the invitation is %s", got)
	}
}

// However an invitation ends, its team can go: the place that it kept is free.
func TestTeams_endedInvitationsKeepNoPlace(t *testing.T) {
	for name, end := range map[string]func(*offer){
		"revoked":  func(o *offer) { o.revoke().Want(204) },
		"declined": func(o *offer) { o.decline().Want(204) },
		"expired":  func(o *offer) { o.runOut(); o.invite().Want(201) }, // for the Default team
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			o := &offer{World: w, owner: w.SignUp("Acme"), email: email("guest")}
			team := aTeam(scene{apitest.Cast{Owner: o.owner}})
			o.id = o.owner.Do("POST", "/v1/invitations", apitest.Map{"email": o.email, "role": "member", "team_id": team}).Want(201).Get("id")
			o.token = w.Mail.Token(o.email)
			o.owner.Do("DELETE", "/v1/teams/"+team, nil).WantProblem(409, "team_not_empty")
			end(o)
			o.owner.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
			if name == "expired" { // its own team is gone, too
				o.owner.Do("DELETE", "/v1/invitations/"+o.owner.List("/v1/invitations?status=pending")[0]["id"].(string), nil).Want(204)
				o.resend().WantProblem(409, "team_deleted")
			}
		})
	}
}

func TestTeams_defaultIsProtected(t *testing.T) {
	owner := apitest.New(t).SignUp("Acme")
	owner.Do("DELETE", "/v1/teams/"+owner.TeamID, nil).WantProblem(409, "default_team_protected")
	owner.Do("PATCH", "/v1/teams/"+owner.TeamID, apitest.Map{"name": "Everybody"}).Want(200)
	owner.Do("DELETE", "/v1/teams/"+owner.TeamID, nil).WantProblem(409, "default_team_protected") // by whatever name
}

// An invitation without a team is for the inviter's own.
func TestTeams_invitersTeamUnlessNamed(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	team := aTeam(scene{apitest.Cast{Owner: owner}})
	address := email("admin")
	owner.Do("POST", "/v1/invitations", apitest.Map{"email": address, "role": "admin", "team_id": team}).Want(201)
	if got := w.Join(address).Hire("viewer").TeamID; got != team {
		t.Errorf("the admin's guest sits in %s, want %s", got, team)
	}
}

func TestOrg_nameAndSlug(t *testing.T) {
	w := apitest.New(t)
	owner, other := w.SignUp("Acme"), w.SignUp("Other")
	slug := "acme-" + owner.ID[24:]
	change := func(p *apitest.Person, b apitest.Map) *apitest.Reply { return p.Do("PATCH", "/v1/org", b) }

	r := change(owner, apitest.Map{"name": "Acme Labs", "slug": slug}).Want(200)
	if r.Get("name") != "Acme Labs" || r.Get("slug") != slug {
		t.Errorf("changed to %s", r.Body)
	}
	change(other, apitest.Map{"slug": slug}).WantProblem(409, "slug_taken")
	entries := owner.Recorded("org.updated")
	change(owner, apitest.Map{"slug": slug}).Want(200) // one's own is no conflict,
	change(owner, apitest.Map{}).Want(200)             // and no change is no entry
	if got := owner.Recorded("org.updated"); got != entries {
		t.Errorf("%d entries tell of no change", got-entries)
	}
	change(owner, apitest.Map{"slug": slug + "-2"}).Want(200)
	change(other, apitest.Map{"slug": slug}).Want(200) // given up, it is free

	for _, bad := range []string{
		"", "ab", strings.Repeat("a", 41), "Acme", "a_b", "a b", "-abc", "abc-", "a--b", "abc.d", "äbc", "a/b", "%61bc", "api", "invite", "v1", "signin",
	} {
		wantInvalid(t, change(owner, apitest.Map{"slug": bad}), "body.slug")
	}
	for _, good := range []string{"a1-" + owner.ID[24:], strings.Repeat("a", 28) + owner.ID[24:]} {
		change(owner, apitest.Map{"slug": good}).Want(200)
	}
}

// Deleting an org stops all of it with the answer. The purge then frees its people and its
// slug, and leaves the record.
func TestOrg_deletion(t *testing.T) {
	w := apitest.Alone(t)
	cast, guest := w.Cast(), email("guest")
	owner := cast.Owner
	slug := owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201)
	owner.Invite(guest, "member")
	invitation := apitest.Map{"token": w.Mail.Token(guest)}
	ask(w, cast.Member.Email, apitest.Source()).Want(202)
	signIn := w.Mail.Token(cast.Member.Email)
	callers := []*apitest.Person{owner, cast.Admin, cast.Member, cast.Viewer}
	for _, p := range callers[:3] {
		key, _ := p.WithKey("manage")
		callers = append(callers, key)
	}

	wantInvalid(t, owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": strings.ToUpper(slug)}), "body.confirm")
	owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)

	stopped := func(when string) {
		for _, p := range callers {
			if r := p.Do("GET", "/v1/me", nil); r.Status != 401 {
				t.Errorf("%s, %s got %d", when, p.Email, r.Status)
			}
		}
		confirm(w, signIn).WantProblem(410, "link_invalid")
		for _, act := range []string{"preview", "accept", "decline"} {
			r := w.Stranger().Do("POST", "/v1/invitations/"+act, invitation)
			if r.Status != 410 && r.Status != 404 {
				t.Errorf("%s, %s got %d: %s", when, act, r.Status, r.Body)
			}
		}
	}
	stopped("deleted")
	w.Stranger().Do("POST", "/v1/invitations/accept", invitation).WantProblem(410, "invitation_revoked")

	other := w.SignUp("Elsewhere")
	other.Invite(cast.Member.Email, "viewer")
	other.Do("PATCH", "/v1/org", apitest.Map{"slug": slug}).WantProblem(409, "slug_taken")
	w.Clock.Advance(2 * time.Minute)
	if report := w.Sweep(); report.Purged != 1 || report.Failed != 0 {
		t.Fatalf("swept %+v", report)
	}
	stopped("purged")
	if joined := w.Join(cast.Member.Email); joined.ID != cast.Member.ID || joined.OrgID != other.OrgID {
		t.Errorf("%s came back as %s", cast.Member.ID, joined.ID)
	}
	for _, p := range callers {
		p.Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized") // old keys and sessions stay dead
	}
	other.Do("PATCH", "/v1/org", apitest.Map{"slug": slug}).Want(200)
	if again := w.SignUp("Acme"); again.OrgID == owner.OrgID {
		t.Error("the org came back")
	}
	kept := 0
	for key := range w.Items() {
		switch {
		case strings.Contains(key, "AUDIT#"+owner.OrgID):
			kept++
		case strings.Contains(key, "ORG#"+owner.OrgID) && !strings.HasSuffix(key, "/ ORG"):
			t.Errorf("left behind: %s", key)
		case strings.Contains(key, "SECRET#"):
			t.Errorf("a key's hash is left behind: %s", key)
		}
	}
	if kept < 10 {
		t.Errorf("%d audit entries are left", kept)
	}
}

// A person's name is theirs, through leaving and joining.
func TestMe_name(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	bob := owner.Hire("member")
	bob.Do("PATCH", "/v1/me", apitest.Map{"name": "Bob"}).Want(200)
	if got := owner.Do("GET", "/v1/members/"+bob.ID, nil).Want(200).Get("name"); got != "Bob" {
		t.Errorf("the others see %q", got)
	}
	bob.Do("POST", "/v1/members/me/leave", nil).Want(204)
	if target := owner.List("/v1/audit?action=member.left")[0]["target"].(apitest.Map); target["name"] != bob.Email {
		t.Errorf("the record forgot who left: %v", target)
	}
	owner.Invite(bob.Email, "member")
	again := w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": w.Mail.Token(bob.Email), "name": "Eve"}).Want(200)
	if got := again.Get("membership.name"); got != "Bob" || again.Get("membership.user_id") != bob.ID {
		t.Errorf("came back as %q", got)
	}
}
