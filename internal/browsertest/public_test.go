package browsertest

import (
	"testing"
	"time"
)

// publicPages are the pages for which nobody has to be signed in, and how one gets there.
var publicPages = []struct {
	name   string
	status int64
	comes  func(p *person)
}{
	{"signin", 200, func(p *person) { p.opens("/signin") }},
	{"signin-why", 200, func(p *person) { p.opens("/signin?why=session") }},
	{"signin-wrong", 422, func(p *person) {
		p.opens("/signin")
		p.fills("Email address", "grace@localhost")
		p.clicks("Mail me a sign-in link")
	}},
	{"signup", 200, func(p *person) { p.opens("/signup") }},
	{"signup-wrong", 422, func(p *person) {
		p.opens("/signup")
		p.fills("Organization", "https://win.example")
		p.fills("Email address", "grace@localhost")
		p.clicks("Continue")
	}},
	{"sent", 200, func(p *person) {
		p.opens("/signup")
		p.fills("Organization", "Public Pages")
		p.fills("Email address", p.email)
		p.clicks("Continue")
		p.sees("Check your mail")
	}},
	{"signup-link", 200, func(p *person) { p.followsMail("Confirm") }},
	{"signin-link", 200, func(p *person) { p.opens("/signin/nemo_link_of-any-kind") }},
	{"signin-dead", 410, func(p *person) { p.clicks("Sign in") }},
	{"invite", 200, func(p *person) { p.opens(linkIn(p.T, site.mail(p.T, "grace@acme.example", "invited"))) }},
	{"invite-refused", 422, func(p *person) {
		p.fills("Your name", "www.win.example")
		p.clicks("Accept and join")
	}},
	{"invite-dead", 404, func(p *person) { p.opens("/invite/nemo_invite_gone") }},
	{"invite-declined", 200, func(p *person) {
		email := "mary@acme.example"
		site.api(p.T, site.APIKey, "POST", "/v1/invitations", object{"email": email, "role": "member"})
		p.opens(linkIn(p.T, site.mail(p.T, email, "invited")))
		p.clicks("Decline")
		p.sees("You declined")
	}},
}

// Each public page is accessible in light and in dark, fits a narrow phone, and nothing goes
// wrong behind it.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "grace@public.example")
	for _, page := range publicPages {
		page.comes(p)
		p.isShown(page.status, page.name)
		p.examines(page.name, "stranger")
	}
}

// The reference of the API is long: it is looked at apart, and with time.
func TestDocs(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "reader@public.example")
	p.patience = 2 * time.Minute
	p.opens("/docs")
	p.examines("docs", "reader")
}

// Pages that come from a form of somebody who is signed in.
func TestAnswers(t *testing.T) {
	t.Parallel()
	p := signIn(t, demoPeople["admin"])
	org := "/" + site.OrgSlug

	p.opens(org + "/team")
	p.clicks("Invite people")
	p.examines("invite-form", "admin")
	p.looksAt(1280, light)
	p.fills("Email addresses", "new.one@acme.example\nnot an address\n"+demoPeople["member"])
	p.clicks("Send invitations")
	p.sees("1 of 3 invited.")
	p.examines("invite-outcome", "admin")

	p.looksAt(1280, light)
	p.opens(org + "/keys?do=create")
	p.fills("Name", "www.win.example")
	p.clicks("Create the key")
	p.examines("key-wrong", "admin")
	p.looksAt(1280, light)
	p.opens(org + "/keys?do=create")
	p.fills("Name", "for the picture")
	p.clicks("Create the key")
	p.sees("shown this once")
	p.examines("key-secret", "admin")

	p.looksAt(1280, light)
	p.opens(org + "/team")
	p.clicks("Actions for Max Member")
	p.sees("Change role")
	p.examines("menu", "admin")

	p.opens(org + "/team?do=remove&id=00000000-0000-7000-8000-000000000000")
	p.sees("Nothing here")
	p.examines("trouble", "admin")
}
