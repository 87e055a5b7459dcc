package browsertest

import (
	"strings"
	"testing"
)

// What tenants call things, as HTML that would do something if it were taken for HTML.
const (
	orgName    = `<img src=x onerror=alert(1)>`
	teamName   = `</title><script>alert(2)</script>`
	personName = `"><svg onload=alert(3)>`
	keyName    = `'"--></style><b class=made>k</b>`
)

// HTML in names shows as text: no page makes an element of it, and nothing of it runs.
func TestNames_areText(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "mallory@names.example")
	p.founds(orgName)
	base := strings.TrimSuffix(p.at(), "/team")

	p.opens(base + "/settings")
	p.fills("Your name", personName)
	p.clicks("Save your name")
	p.opens(base + "/teams")
	p.fills("New team", teamName)
	p.clicks("Create")
	p.sees(teamName)
	p.opens(base + "/keys?do=create")
	p.fills("Name", keyName)
	p.clicks("Create the key")
	p.opens(base + "/team")
	p.clicks("Invite people")
	p.fills("Email addresses", "eve@names.example")
	p.chooses("Team", teamName)
	p.clicks("Send invitations")

	for _, page := range []struct{ path, says string }{
		{"/team", personName}, {"/team", orgName}, {"/team?view=invitations", teamName}, {"/keys", keyName},
		{"/teams", teamName}, {"/audit", teamName}, {"/audit", keyName}, {"/settings", orgName}, {"/settings?do=delete", orgName},
	} {
		p.opens(base + page.path)
		p.sees(page.says)
		p.madeNothing(page.path)
	}
	eve := newPerson(t, "eve@names.example")
	eve.followsMail("invited")
	eve.sees(orgName, personName, teamName)
	eve.madeNothing("the invitation")
	eve.opens("/_dev/mail?to=" + eve.email)
	eve.sees(orgName)
	eve.madeNothing("the mail")
	eve.shows(site.mail(t, eve.email, "invited").HTML)
	eve.sees(orgName, personName)
	eve.madeNothing("the mail itself")
}

// madeNothing fails the test if one of the names has become an element.
func (p *person) madeNothing(page string) {
	p.Helper()
	made := ask[[]string](p, `[...document.querySelectorAll(
		"img[src=x], [onerror], [onload], .made, script:not([src])")].map((e) => e.outerHTML)`)
	if len(made) > 0 {
		p.Errorf("%s: names became elements: %q", page, made)
	}
}
