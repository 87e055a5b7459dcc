package model

import (
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// list is a list that people read: what it must hold for its caller, and what it holds. Both
// say a line of each row. Lines begin with what the list can be filtered by.
type list struct {
	path, needs string
	filter      string
	options     []string
	want        func(s *story, by *member) map[string]string
	got         func(s *story, by *member, rows []apitest.Row) map[string]string
}

var listOfKeys = list{path: "/v1/keys", filter: "state", options: []string{"live", "revoked"}, want: (*story).keysFor, got: gotKeys}

var lists = []list{
	{path: "/v1/members", needs: "members:read", filter: "role", options: roles, want: (*story).membersFor, got: gotMembers},
	{path: "/v1/teams", needs: "teams:read", want: (*story).teamsFor, got: gotTeams},
	{path: "/v1/invitations", needs: "invitations:read", filter: "status", options: []string{"pending", "expired", "accepted", "declined", "revoked"},
		want: (*story).invitationsFor, got: gotInvitations},
	{path: "/v1/audit", needs: "audit:read", want: (*story).entriesFor, got: gotEntries},
}

// readList reads a list to its end, in small pages or in large ones.
func (s *story) readList() {
	l := pick(s, "list", lists)
	if s.listKeys && s.draw("of keys", 2) == 0 {
		l = listOfKeys
	}
	by := s.anyone(l.needs)
	path, option := l.path+"?limit="+pick(s, "rows of a page", []string{"100", "7"}), ""
	if l.filter != "" && s.draw("filtered", 2) == 1 {
		option = pick(s, l.filter, l.options)
		path += "&" + l.filter + "=" + option
	}
	var caller *member
	r := s.attempt(step{by: by, method: "GET", path: path, want: func() (a answer) {
		if caller, a = s.caller(by); l.needs != "" {
			caller, a = s.allowed(by, l.needs)
		}
		return a
	}}, "")
	if r.Status != 200 {
		return
	}
	rows := rowsOf(r)
	for cursor := r.Get("next_cursor"); cursor != ""; cursor = r.Get("next_cursor") {
		st := step{by: by, method: "GET", path: path + "&cursor=" + url.QueryEscape(cursor)}
		r = s.send(st, nil, "")
		s.unless(r.Status == 200, "a list breaks off")
		more := rowsOf(r)
		s.unless(len(more) > 0, "a page is empty")
		rows = append(rows, more...)
	}
	want := l.want(s, caller)
	if option != "" {
		maps.DeleteFunc(want, func(_, line string) bool { return !strings.HasPrefix(line, option+" ") })
	}
	s.equal("rows of "+l.path, want, l.got(s, caller, rows))
}

func rowsOf(r *apitest.Reply) (rows []apitest.Row) {
	for _, row := range r.Rows() {
		rows = append(rows, row)
	}
	return rows
}

// byID says a line of each row, none of which may come twice.
func (s *story) byID(rows []apitest.Row, id string, say func(apitest.Row) string) map[string]string {
	lines := map[string]string{}
	for _, row := range rows {
		s.unless(lines[row.Text(id)] == "", "a row comes twice")
		lines[row.Text(id)] = say(row)
	}
	return lines
}

func line(parts ...any) string { return strings.TrimSuffix(fmt.Sprintln(parts...), "\n") }

func (s *story) membersFor(by *member) map[string]string {
	lines := map[string]string{}
	for _, m := range by.org.members {
		if !m.left {
			lines[m.id] = line(m.role, litellm[m.role], m.name, m.email, m.team.id)
		}
	}
	return lines
}

func gotMembers(s *story, _ *member, rows []apitest.Row) map[string]string {
	return s.byID(rows, "user_id", func(r apitest.Row) string {
		return line(r.Text("role"), r.Text("litellm_role"), r.Text("name"), r.Text("email"), r.Text("team_id"))
	})
}

func (s *story) teamsFor(by *member) map[string]string {
	lines := map[string]string{}
	for _, t := range by.org.teams {
		if !t.gone {
			sit, come := by.org.seats(t)
			lines[t.id] = line(t.name, t == by.org.defaultTeam(), sit, come)
		}
	}
	return lines
}

func gotTeams(s *story, _ *member, rows []apitest.Row) map[string]string {
	return s.byID(rows, "id", func(r apitest.Row) string {
		return line(r.Text("name"), r["default"], r["members"], r["pending_invitations"])
	})
}

func (s *story) invitationsFor(by *member) map[string]string {
	lines := map[string]string{}
	for _, i := range by.org.invitations {
		lines[i.id] = line(s.statusAt(i), i.email, i.role, litellm[i.role], i.team.id, i.inviter.id, when(i.expires), delivery(i))
	}
	return lines
}

// gotInvitations: what became of the mail of one that is not pending is nobody's business.
func gotInvitations(s *story, by *member, rows []apitest.Row) map[string]string {
	delivered := map[string]bool{}
	for _, i := range by.org.invitations {
		delivered[i.id] = i.status == "pending"
	}
	return s.byID(rows, "id", func(r apitest.Row) string {
		delivery := ""
		if delivered[r.Text("id")] {
			delivery = r.Text("delivery")
		}
		return line(r.Text("status"), r.Text("email"), r.Text("role"), r.Text("litellm_role"), r.Text("team_id"),
			r.Map("invited_by").Text("user_id"), r.Text("expires_at"), delivery)
	})
}

func (s *story) keysFor(by *member) map[string]string {
	lines := map[string]string{}
	for _, k := range by.org.keys {
		if k.seat.id != by.id && !may(by.role, "keys:read") {
			continue
		}
		state, role := "live", ""
		if k.revoked {
			state = "revoked"
		}
		if h := by.org.member(k.seat.id); h != nil {
			role = h.role
		}
		lines[k.id] = line(state, k.name, k.seat.id, k.team.id, role, k.scopes, k.models, k.limit, orEmpty(k.expires))
	}
	return lines
}

func gotKeys(s *story, _ *member, rows []apitest.Row) map[string]string {
	return s.byID(rows, "id", func(r apitest.Row) string {
		state := "live"
		if r.Text("revoked_at") != "" {
			state = "revoked"
		}
		return line(state, r.Text("name"), r.Text("user_id"), r.Text("team_id"), r.Text("role"), r["scopes"], r["models"],
			r["requests_per_minute"], r.Text("expires_at"))
	})
}

// entriesFor counts them by their actions.
func (s *story) entriesFor(by *member) map[string]string {
	lines := map[string]string{}
	for action, n := range by.org.entries {
		lines[action] = fmt.Sprint(n)
	}
	return lines
}

func gotEntries(s *story, _ *member, rows []apitest.Row) map[string]string {
	entries := s.byID(rows, "id", func(r apitest.Row) string { return r.Text("action") })
	counts := map[string]int{}
	for _, action := range entries {
		counts[action]++
	}
	lines := map[string]string{}
	for action, n := range counts {
		lines[action] = fmt.Sprint(n)
	}
	return lines
}
