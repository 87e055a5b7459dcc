package browsertest

import (
	"net/http"
	"strings"
	"testing"
)

const (
	all      = "owner admin member viewer"
	managers = "owner admin"
)

// orgPages are the pages of an org, as paths below its slug, and who may see each. A word in
// braces stands for the id of such a thing.
var orgPages = []struct{ name, path, who string }{
	{"members", "team", all},
	{"members-found", "team?q=m&role=member", all},
	{"members-none", "team?q=nobody", all},
	{"invitations", "team?view=invitations", "owner admin viewer"},
	{"invitations-bounced", "team?view=invitations&mail=bounced", "owner admin viewer"},
	{"invitations-expired", "team?view=invitations&status=expired", "owner admin viewer"},
	{"invitations-revoked", "team?view=invitations&status=revoked", "owner admin viewer"},
	{"invitations-none", "team?view=invitations&status=declined", "owner admin viewer"},
	{"invite", "team?to={team}", all},
	{"change-role", "team?do=role&id={member}", managers},
	{"remove", "team?do=remove&id={member}", managers},
	{"leave", "team?do=leave", "admin member viewer"},
	{"transfer", "team?do=transfer&id={admin}", "owner"},
	{"withdraw", "team?do=withdraw&id={invitation}", managers},
	{"keys", "keys", all},
	{"keys-revoked", "keys?state=revoked", all},
	{"keys-of-one", "keys?user={member}", all},
	{"key-create", "keys?do=create", "owner admin member"},
	{"key-change", "keys?do=edit&id={key}", "owner admin member"},
	{"key-rotate", "keys?do=rotate&id={key}", "owner admin member"},
	{"key-revoke", "keys?do=revoke&id={key}", "owner admin member"},
	{"spend", "spend", all},
	{"spend-of-one", "spend?member={member}&by=day", all},
	{"spend-none", "spend?range=last-month", all},
	{"budget-set", "teams?do=budget&id={team}", managers},
	{"budget-change", "spend?do=budget", managers},
	{"budget-remove", "keys?do=unbudget&id={key}", managers},
	{"billing", "billing", "owner viewer"},
	{"teams", "teams", all},
	{"team-rename", "teams?do=rename&id={team}", managers},
	{"team-delete", "teams?do=delete&id={team}", managers},
	{"audit", "audit", "owner admin viewer"},
	{"audit-none", "audit?from=2020-01-01&to=2020-01-02", "owner admin viewer"},
	{"settings", "settings", all},
	{"delete", "settings?do=delete", "owner"},
	{"sign-out-everywhere", "settings?do=sign-out-everywhere", all},
}

// Each role × each page: it is there or it is refused in words, it is accessible in light
// and in dark, it fits a narrow phone, and nothing goes wrong behind it.
func TestPages(t *testing.T) {
	t.Parallel()
	in := furnished(t)
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			p := signIn(t, demoPeople[role])
			refused := false
			for _, page := range orgPages {
				p.opens("/" + site.OrgSlug + "/" + in.path(page.path))
				switch {
				case strings.Contains(page.who, role):
					p.isShown(http.StatusOK, page.name)
					p.examines(page.name, role)
				case !refused: // the first speaks for all
					p.isRefused(page.name)
					p.examines("refused", role)
					refused = true
				default:
					p.isRefused(page.name)
				}
			}
		})
	}
}

// isShown fails the test unless the page came with the status.
func (p *person) isShown(status int64, name string) {
	p.Helper()
	if p.status != status {
		p.Errorf("%s: status %d, want %d", name, p.status, status)
	}
}

// On a phone the navigation scrolls, and shows the page that one is on.
func TestNavigation_onPhones(t *testing.T) {
	t.Parallel()
	p := signIn(t, demoPeople["owner"])
	p.looksAt(320, light)
	for _, page := range []string{"team", "settings"} {
		p.opens("/" + site.OrgSlug + "/" + page)
		at := ask[struct{ Left, Right float64 }](p, `document.querySelector(".side-nav [aria-current]").getBoundingClientRect().toJSON()`)
		if at.Left < 0 || at.Right > 320 {
			t.Errorf("on %s its tab lies from %v to %v", page, at.Left, at.Right)
		}
	}
}

// isRefused fails the test unless the page was refused, or seems not to exist: whoever may
// not do a thing may not learn that it is there. What an owner may not do, the others may.
func (p *person) isRefused(name string) {
	p.Helper()
	switch p.status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusConflict:
	default:
		p.Errorf("%s: status %d, want a refusal", name, p.status)
	}
}

// path puts ids in a page's path.
func (in things) path(path string) string {
	return strings.NewReplacer("{team}", in.team, "{member}", in.people["member"], "{admin}", in.people["admin"],
		"{key}", in.key, "{invitation}", in.invitation).Replace(path)
}

// examines checks the look of the page that the person is on, and keeps pictures of it. What
// the owner sees, which is the most, and what strangers see is looked at most closely.
func (p *person) examines(page, role string) {
	p.Helper()
	name := page + " as " + role
	p.looksAt(1440, light)
	p.isAccessible(name + ", wide and light")
	p.picture("pages", page, role, "1440-light")
	narrow := []string{"color-contrast"}
	if role == "owner" || role == "stranger" {
		p.looksAt(1440, dark)
		p.isAccessible(name+", wide and dark", "color-contrast")
		p.picture("pages", page, role, "1440-dark")
		p.looksAt(360, light)
		p.picture("pages", page, role, "360-light")
		narrow = nil // all rules
	}
	p.looksAt(360, dark)
	p.isAccessible(name+", narrow and dark", narrow...)
	p.picture("pages", page, role, "360-dark")
	p.fitsPhone(name)
}

// sticksOut are things that lie off the screen, and in no part that scrolls by itself.
const sticksOut = `[...document.querySelectorAll("body *")].filter((e) => {
  if (e.getBoundingClientRect().right <= innerWidth) return false;
  for (let a = e.parentElement; a; a = a.parentElement) if (getComputedStyle(a).overflowX !== "visible") return false;
  return true;
}).map((e) => e.outerHTML.slice(0, 80)).slice(0, 5)`

// fitsPhone fails the test if the page must be scrolled sideways on the narrowest phone.
func (p *person) fitsPhone(page string) {
	p.Helper()
	p.looksAt(320, light)
	if wide := ask[int](p, "document.documentElement.scrollWidth"); wide > 320 {
		p.Errorf("%s: %d pixels wide on a screen of 320, for %q; picture: %s",
			page, wide, ask[[]string](p, sticksOut), p.picture("failures", page, "320"))
	}
}
