package main

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// visitor reads the pages and sends their forms, with the session that one of them gave.
type visitor struct {
	*apitest.Person
	base string // the org's path
}

// reads opens pages of the org.
func (v visitor) reads(pages ...string) {
	v.Helper()
	for _, page := range pages {
		v.Browse("GET", v.base+page, "").Want(http.StatusOK)
	}
}

// posts sends a form.
func (v visitor) posts(path string, namesAndValues ...string) *apitest.Reply {
	form := url.Values{}
	for i := 0; i < len(namesAndValues); i += 2 {
		form.Add(namesAndValues[i], namesAndValues[i+1])
	}
	return v.Browse("POST", v.base+path, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// sends posts a form, which must do what it is for.
func (v visitor) sends(path string, namesAndValues ...string) *apitest.Reply {
	v.Helper()
	r := v.posts(path, namesAndValues...)
	if r.Status != http.StatusSeeOther {
		r.Want(http.StatusOK)
	}
	return r
}

// visit opens a mailed link and confirms; that signs them in.
func (g *guard) visit(page, email string, namesAndValues ...string) visitor {
	g.Helper()
	v := visitor{Person: &apitest.Person{World: g.World, Email: email}}
	link := page + "/" + g.Mail.Token(email)
	v.reads(link)
	r := v.sends(link, namesAndValues...).Want(http.StatusSeeOther)
	cookie, err := http.ParseSetCookie(r.Header.Get("Set-Cookie"))
	if err != nil {
		g.t.Fatal(err)
	}
	v.Token, v.base = cookie.Value, strings.TrimSuffix(r.Header.Get("Location"), "/team")
	return v
}

// apart does what only prepares the story.
func (g *guard) apart(do func()) {
	g.as("")
	do()
	g.as("dashboard")
}

func (g *guard) dashboard(_, _ *apitest.Person) {
	g.as("dashboard")
	ada := g.visitsFirst()
	var bob, eve visitor
	g.apart(func() {
		bob, eve = visitor{ada.Hire("admin"), ada.base}, visitor{ada.Hire("member"), ada.base}
	})
	g.managesTeams(ada)
	g.invitesByPages(ada)
	g.managesKeys(ada)
	g.seesSpend(ada)
	g.managesPeople(ada, bob, eve)
	for _, page := range []string{"/audit?", "/audit?file=csv&", "/audit?file=jsonl&"} {
		ada.reads(page, page+"action=org.created", page+"actor="+ada.Email, page+"target="+ada.OrgID, page+"target="+bob.Email)
	}
	g.leavesByPages(ada, bob)
}

// visitsFirst signs up, in and out.
func (g *guard) visitsFirst() visitor {
	email := apitest.Address("ada")
	anybody := visitor{Person: g.Stranger()}
	anybody.reads("/signin", "/signup")
	anybody.sends("/signup", "email", email, "org_name", "Acme")
	ada := g.visit("/signup", email)
	g.apart(func() {
		r := ada.Do("GET", "/v1/me", nil).Want(http.StatusOK)
		ada.ID, ada.OrgID, ada.TeamID = r.Get("user.id"), r.Get("org.id"), r.Get("team_id")
	})
	ada.Browse("GET", "/", "").Want(http.StatusSeeOther)
	ada.sends("/settings", "do", "sign-out")
	anybody.sends("/signin", "email", email)
	again := g.visit("/signin", email)
	ada.Token = again.Token
	ada.reads("/settings")
	ada.sends("/settings", "do", "name", "name", "Ada")
	ada.sends("/settings", "do", "org", "name", "Acme", "slug", "pages-"+ada.OrgID[24:])
	ada.base = "/pages-" + ada.OrgID[24:]
	return ada
}

func (g *guard) managesTeams(ada visitor) {
	form := []string{"do", "create", "name", "Research", "nonce", "a team"}
	ada.sends("/teams", form...)
	ada.posts("/teams", form...).Want(http.StatusConflict) // a double click
	ada.reads("/teams")
	var id string
	g.apart(func() { id = ada.List("/v1/teams")[1]["id"].(string) })
	ada.reads("/team?to="+id, "/teams?do=rename&id="+id, "/teams?do=delete&id="+id)
	ada.sends("/teams", "do", "rename", "id", id, "name", "Lab")
	ada.sends("/teams", "do", "delete", "id", id)
}

func (g *guard) invitesByPages(ada visitor) {
	one, two, three := apitest.Address("one"), apitest.Address("two"), apitest.Address("three")
	ada.sends("/team", "do", "invite", "people", one+"\n"+two+"; viewer; default", "role", "member")
	ada.sends("/team", "do", "invite", "people", three, "role", "viewer", "team", ada.TeamID)
	ada.reads("/team?view=invitations", "/team?view=invitations&status=expired")
	g.visit("/invite", one, "name", "One").reads("/team")
	visitor{Person: g.Stranger()}.sends("/invite/" + g.Mail.Token(two) + "/decline")
	var id string
	g.apart(func() { id = ada.List("/v1/invitations?status=pending")[0]["id"].(string) })
	ada.sends("/team", "do", "resend", "id", id)
	ada.reads("/team?do=withdraw&id=" + id)
	ada.sends("/team", "do", "withdraw", "id", id)
	ada.sends("/team", "do", "invite", "people", three, "role", "viewer")
	g.Clock.Advance(invites.Lifetime + time.Hour)
	ada.sends("/team", "do", "invite", "people", three, "role", "member") // what was due is expired on the way
}

func (g *guard) managesKeys(ada visitor) {
	form := []string{"do", "create", "name", "laptop", "scopes", "manage", "nonce", "a key"}
	ada.sends("/keys", form...)
	ada.posts("/keys", form...).Want(http.StatusConflict)
	ada.reads("/keys", "/keys?do=create", "/keys?user="+ada.ID, "/keys?state=revoked")
	var id string
	g.apart(func() { id = ada.List("/v1/keys?user_id=" + ada.ID)[0]["id"].(string) })
	ada.reads("/keys?do=edit&id="+id, "/keys?do=rotate&id="+id, "/keys?do=revoke&id="+id)
	ada.sends("/keys", "do", "edit", "id", id, "name", "desk")
	ada.sends("/keys", "do", "rotate", "id", id, "grace_seconds", "3600", "nonce", "another")
	ada.sends("/keys", "do", "revoke", "id", id)
}

func (g *guard) seesSpend(ada visitor) {
	g.apart(func() {
		secret, _ := ada.NewKey()
		ada.Gateway().Do("POST", "/v1/spend/events", []apitest.Map{{
			"event_id": ada.NoID(), "key_hash": hashOf(secret), "model": "gpt-4o", "cost_usd": "1", "at": ada.Clock.Now(),
		}}).Want(http.StatusOK)
	})
	ada.reads("/spend", "/spend?range=90d", "/spend?member="+ada.ID, "/spend?file=csv", "/spend?do=budget")
	ada.sends("/spend", "do", "budget", "id", ada.OrgID, "limit_usd", "10", "period", "month")
	ada.sends("/spend", "do", "budget", "id", ada.OrgID, "limit_usd", "20", "period", "week")
	ada.reads("/spend?do=unbudget")
	ada.sends("/spend", "do", "unbudget", "id", ada.OrgID)
	ada.sends("/team", "do", "budget", "id", ada.ID, "limit_usd", "10", "period", "month")
	ada.reads("/team", "/teams", "/keys", "/billing")
}

func (g *guard) managesPeople(ada, bob, eve visitor) {
	g.apart(func() { eve.NewKey() })
	ada.reads("/team", "/team?q=a", "/team?role=member", "/team?team="+ada.TeamID)
	for _, do := range []string{"role", "remove", "transfer"} {
		ada.reads("/team?do=" + do + "&id=" + eve.ID)
	}
	ada.sends("/team", "do", "role", "id", eve.ID, "role", "viewer")
	ada.sends("/team", "do", "remove", "id", eve.ID)
	ada.sends("/team", "do", "transfer", "id", bob.ID)
	bob.sends("/team", "do", "transfer", "id", ada.ID)
}

func (g *guard) leavesByPages(ada, bob visitor) {
	bob.reads("/team?do=leave")
	bob.sends("/team", "do", "leave")
	ada.reads("/settings?do=sign-out-everywhere", "/settings?do=delete")
	ada.sends("/settings", "do", "sign-out-everywhere")
	visitor{Person: g.Stranger()}.sends("/signin", "email", ada.Email)
	ada.Token = g.visit("/signin", ada.Email).Token
	ada.sends("/settings", "do", "delete", "confirm", ada.base[1:])
}
