package browsertest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// outcomes are pages that no address alone leads to, in the order in which one gets there.
var outcomes = []struct {
	name   string
	status int64
	comes  func(p *person)
}{
	{"invite-nobody", http.StatusUnprocessableEntity, func(p *person) {
		p.clicks("Invite people")
		p.clicks("Send invitations")
		p.sees("Whom do you want to invite?")
	}},
	{"invite-outcome", http.StatusOK, func(p *person) {
		list := []string{"nobody", "max@", "vera@outcomes.example; queen"}
		for i := range 127 { // with those, more than are invited at a time
			list = append(list, fmt.Sprintf("guest%d@outcomes.example", i))
		}
		p.fills("Email addresses", strings.Join(list, "\n"))
		p.clicks("Send invitations")
		p.sees("97 of 100 invited.", "97 of 130 addresses are done.")
	}},
	{"audit-export", http.StatusOK, func(p *person) {
		p.opens("/outcomes/audit")
		next, err := url.Parse(ask[string](p, `document.querySelector("a[rel=next]").href`))
		if err != nil {
			p.Fatal(err)
		}
		p.opens("/outcomes/audit?file=csv&part=2&cursor=" + url.QueryEscape(next.Query().Get("cursor")))
		p.sees("Part 2 of the export", "This is the last part.")
	}},
	{"budget-refused", http.StatusUnprocessableEntity, func(p *person) {
		p.opens("/outcomes/spend?do=budget")
		p.fills("Limit in US dollars", "much")
		p.fills("Mail owner and admins at", "half")
		p.clicks("Set the budget")
	}},
	{"key-refused", http.StatusUnprocessableEntity, func(p *person) {
		p.opens("/outcomes/keys?do=create")
		p.fills("Name", "www.win.example")
		p.clicks("Create the key")
	}},
	{"team-refused", http.StatusUnprocessableEntity, func(p *person) {
		p.opens("/outcomes/teams")
		p.fills("New team", "www.win.example")
		p.clicks("Create")
	}},
	{"members-of-many-teams", http.StatusOK, func(p *person) {
		p.opens("/outcomes/keys?do=create")
		p.fills("Name", "setup")
		p.clicks("Call this API")
		p.clicks("Create the key")
		key := p.reads("#secret")
		for i := range 101 { // more than a list of options has
			site.api(p.T, key, "POST", "/v1/teams", object{"name": fmt.Sprint("Team ", i)})
		}
		p.opens("/outcomes/team?invite=1")
		p.sees("Or another team", "is too much to add up here")
	}},
}

// What comes of a form, and what only a long list leads to, is accessible in light and in
// dark, and fits a narrow phone.
func TestPages_ofOutcomes(t *testing.T) {
	t.Parallel()
	p := newPerson(t, "ada@outcomes.example")
	p.founds("Outcomes")
	for _, page := range outcomes {
		page.comes(p)
		p.isShown(page.status, page.name)
		p.examines(page.name, "owner")
	}
}
