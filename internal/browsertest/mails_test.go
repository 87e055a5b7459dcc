package browsertest

import (
	"path"
	"testing"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
)

// Each mail is readable on the narrowest phone and in the dark, and its plain text has a
// link too, but for the mail that leads nowhere.
func TestMails(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "mary@mails.example")
	causeMails(t, p.email)
	for _, kind := range []struct{ name, to, about string }{
		{"sign-up", p.email, "Confirm"},
		{"sign-in", p.email, "sign-in link"},
		{"has-account", p.email, "already have"},
		{"no-account", "nobody@mails.example", "no nemo-team account"},
		{"invitation", "joe@mails.example", "invited"},
		{"budget-alert", p.email, "budget"},
		{"role-changed", "joe@mails.example", "role"},
		{"ownership-given", p.email, "gave"},
		{"ownership-received", "joe@mails.example", "now own"},
		{"removed", "sue@mails.example", "removed"},
	} {
		m := site.mail(t, kind.to, kind.about)
		if kind.name != "removed" {
			linkIn(t, m)
		}
		p.examinesMail(kind.name, m)
	}
}

// causeMails does all that a mail tells of.
func causeMails(t *testing.T, owner string) {
	t.Helper()
	do := func(token, method, path string, body object) object {
		t.Helper()
		return site.api(t, token, method, path, body)
	}
	mailed := func(to, about string) string { t.Helper(); return path.Base(linkIn(t, site.mail(t, to, about))) }

	do("", "POST", "/v1/signup", object{"email": owner, "org_name": "Mail Robotics and Automation, Special Projects"})
	session := func(answer object) string { return answer["session"].(object)["token"].(string) }
	mary := session(do("", "POST", "/v1/signup/confirm", object{"token": mailed(owner, "Confirm")}))
	do("", "POST", "/v1/signup", object{"email": owner, "org_name": "Another"})
	do("", "POST", "/v1/sessions", object{"email": owner})
	do("", "POST", "/v1/sessions", object{"email": "nobody@mails.example"})

	joins := func(email string) (userID string) {
		do(mary, "POST", "/v1/invitations", object{"email": email, "role": "member"})
		answer := do("", "POST", "/v1/invitations/accept", object{"token": mailed(email, "invited")})
		return answer["membership"].(object)["user_id"].(string)
	}
	joe, sue := joins("joe@mails.example"), joins("sue@mails.example")
	key := do(mary, "POST", "/v1/keys", object{"name": "presses", "user_id": joe})
	do(mary, "PUT", "/v1/budgets/key/"+key["id"].(string), object{"limit_usd": "1"})
	gateway{t}.spends(key["key"].(string), "gpt-4o", "0.85")
	do(mary, "PATCH", "/v1/members/"+joe, object{"role": "admin"})
	do(mary, "DELETE", "/v1/members/"+sue, nil)
	do(mary, "POST", "/v1/org/transfer", object{"user_id": joe})
}

// examinesMail looks at a mail's HTML by itself, as mail programs show it. It is no page of
// a site: it needs no landmarks.
func (p *person) examinesMail(name string, m sesmail.Mail) {
	p.Helper()
	p.shows(m.HTML)
	for _, s := range []scheme{light, dark} {
		p.looksAt(320, s)
		p.isAccessible("the mail "+name+", "+string(s), "color-contrast", "document-title", "html-has-lang", "link-name", "target-size")
		p.picture("mails", name, "320", string(s))
	}
	p.fitsPhone("the mail " + name)
	p.looksAt(1280, light)
	p.picture("mails", name, "1280")
}
