package pages

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/nemorouter/nemo-team/internal/authz"
	lists "github.com/nemorouter/nemo-team/internal/page"
)

// frame is what all pages of an org show around what is theirs.
type frame struct {
	Title    string
	OrgName  string
	Nav      []navItem
	Settings string // path
	You      person
	Done     string // what was just done
}

// navItem is one page in the navigation.
type navItem struct {
	Label, Href, Icon string
	Current           bool
}

// navigation are the pages of an org, in order, with the permission without which there is
// nothing to see.
var navigation = []struct {
	page, label string
	needs       authz.Permission
}{
	{"team", "Members", authz.MembersRead},
	{"keys", "Keys", ""},
	{"spend", "Spend", authz.AnalyticsRead},
	{"teams", "Teams", authz.TeamsRead},
	{"billing", "Billing", authz.BillingRead},
	{"audit", "Audit", authz.AuditRead},
	{"settings", "Settings", ""},
}

// frame is the frame of the page with the path and the title.
func (v visit) frame(at, title string) frame {
	m := v.caller.Member
	f := frame{
		Title: title, OrgName: v.caller.Org.Name, Settings: v.path("settings"),
		You: newPerson(m.Name, m.Email), Done: dones[v.query("done")],
	}
	f.You.Role = m.Role
	for _, item := range navigation {
		if item.needs == "" || v.may(item.needs) {
			f.Nav = append(f.Nav, navItem{item.label, v.path(item.page), item.page, item.page == at})
		}
	}
	return f
}

// person is somebody as the pages show them.
type person struct {
	Display string // name, else address
	Email   string // empty if Display is it
	Initial string
	Role    authz.Role
	You     bool // the visitor
}

func newPerson(name, email string) person {
	p := person{Display: name, Email: email}
	if name == "" {
		p.Display, p.Email = email, ""
	}
	if r, _ := utf8.DecodeRuneInString(p.Display); r != utf8.RuneError {
		p.Initial = strings.ToUpper(string(r))
	}
	return p
}

// pager leads through a list. Empty links lead nowhere.
type pager struct{ First, Next string }

// pager keeps the query, but for the cursor and what was done.
func (v visit) pager(next string) pager {
	var p pager
	if v.query("cursor") != "" {
		p.First = v.here("cursor", "")
	}
	if next != "" {
		p.Next = v.here("cursor", next)
	}
	return p
}

// here is the present page with some of its query changed; an empty value drops a name.
func (v visit) here(namesAndValues ...string) string {
	query := v.r.URL.Query()
	query.Del("done")
	for i := 0; i < len(namesAndValues); i += 2 {
		query.Set(namesAndValues[i], namesAndValues[i+1])
	}
	return withQuery(v.r.URL.Path, query)
}

// withQuery drops what is empty.
func withQuery(path string, query url.Values) string {
	for name := range query {
		if query.Get(name) == "" {
			query.Del(name)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// link is a page of the org with a query, without what is empty.
func (v visit) link(page string, namesAndValues ...string) string {
	var b strings.Builder
	b.WriteString(v.path(page))
	before := byte('?')
	for i := 0; i < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			continue
		}
		b.WriteByte(before)
		b.WriteString(namesAndValues[i])
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(namesAndValues[i+1]))
		before = '&'
	}
	return b.String()
}

// tab is one of several views of a page.
type tab struct {
	Label, Href string
	Count       string // empty if it is not known
	Current     bool
}

// first asks for the beginning of a list, as long as may be.
var first = lists.Request{Limit: lists.MaxLimit}
