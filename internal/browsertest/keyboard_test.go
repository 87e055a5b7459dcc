package browsertest

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// focused is the thing that has the focus, by its name, and whether one can see that.
type focused struct {
	Name    string
	Visible bool
	Wraps   bool // the focus has left the page
}

// Of a date the browser shows which part has the focus.
const focus = `(() => {` + byName + `
const e = document.activeElement;
if (!e || e === document.body || e === document.documentElement) return {Wraps: true};
const s = getComputedStyle(e), r = e.getBoundingClientRect();
const label = e.labels?.length ? words(e.labels[0].querySelector(".radio-label")?.textContent ?? e.labels[0].innerText) : "";
return {
  Name: label || nameOf(e) || e.name,
  Visible: e.type === "date" || e.matches(":focus-visible") && (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== "none") && r.width > 0 && r.height > 0,
};
})()`

// tabs walks the page with the tabulator key, and returns the names of what it comes to.
func (p *person) tabs() (names []string) {
	p.Helper()
	const most = 250
	p.waits("the focus that the page sets", func() bool {
		return ask[bool](p, `(document.querySelector("[autofocus]") ?? document.activeElement) === document.activeElement`)
	})
	ask[bool](p, "document.body.tabIndex = -1, document.body.focus(), true") // from the top
	for range most {
		p.presses(kb.Tab)
		at := ask[focused](p, focus)
		if at.Wraps {
			return names
		}
		if !at.Visible {
			p.Errorf("at %s: one cannot see that %q has the focus", p.at(), at.Name)
		}
		names = append(names, at.Name)
	}
	p.stuck("walk through the page", "the focus never leaves it")
	return nil
}

// With the keyboard alone one comes to the main things of each page, in order, and sees
// where one is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	furnished(t)
	p := signIn(t, demoPeople["admin"])
	org := "/" + site.OrgSlug
	for _, page := range []struct {
		path  string
		order []string
	}{
		{"/signin", []string{"nemo-team", "Email address", "Mail me a sign-in link", "Create an organization"}},
		{"/signup", []string{"Organization", "Email address", "Continue", "Sign in"}},
		{org + "/team", []string{"Skip to the content", "Members", "Keys", "Settings", "Invite people", "Search", "Role", "Filter", "Actions for Max Member"}},
		{org + "/team?view=invitations", []string{"Invite people", "Pending", "Expired", "Resend to grace@acme.example", "Withdraw the one to grace@acme.example"}},
		{org + "/keys", []string{"Create a key", "Yours", "Revoked", "Actions for demo"}},
		{org + "/keys?do=create", []string{"Name", "Use models", "Call this API", "Requests per minute", "Create the key", "Cancel"}},
		{org + "/spend", []string{"From", "Show", "Change budget", "As a table", "See all Members", "Download CSV"}},
		{org + "/teams", []string{"New team", "Create", "Default"}},
		{org + "/audit?action=team.created", []string{"Who (address or id)", "Filter", "Clear", "From where: with a key"}},
		{org + "/settings", []string{"Your name", "Save your name", "Sign out here", "Slug", "Save", "Leave the organization…"}},
	} {
		p.opens(page.path)
		came := p.tabs()
		from := 0
		for _, name := range page.order {
			i := slices.Index(came[from:], name)
			if i < 0 {
				t.Errorf("%s: the keyboard does not come to %q after %q: %q", page.path, name, page.order[:slices.Index(page.order, name)], came)
				break
			}
			from += i + 1
		}
	}
}

// The keyboard opens a menu, and closes it again without losing its place.
func TestKeyboard_menu(t *testing.T) {
	t.Parallel()
	p := signIn(t, demoPeople["owner"])
	open := `document.querySelectorAll("details.menu[open]").length`
	ask[bool](p, `document.querySelector("[aria-label='Actions for Max Member']").focus(), true`)
	p.presses(kb.Enter)
	if ask[int](p, open) != 1 {
		p.stuck("open the menu", "it is closed")
	}
	p.presses(kb.Tab)
	if at := ask[focused](p, focus); at.Name != "See what they spent" {
		t.Errorf("the first thing in the menu is %q", at.Name)
	}
	p.presses(kb.Escape)
	if at := ask[focused](p, focus); ask[int](p, open) != 0 || at.Name != "Actions for Max Member" {
		t.Errorf("after Escape the focus is on %q", at.Name)
	}
}
