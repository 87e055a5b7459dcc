package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// agree compares what the table holds with what the model holds.
func (s *story) agree(b apitest.Books) {
	s.unless(len(b.Orgs) == len(s.orgs) && len(b.Users) == len(s.users), "there are %d orgs and %d users, and should be %d and %d", len(b.Orgs), len(b.Users), len(s.orgs), len(s.users))
	for _, u := range s.users {
		claim := ""
		if u.org != nil {
			claim = u.org.id
		}
		row := b.Users[u.email]
		s.unless(row.Text("id") == u.id && row.Text("org_id") == claim && row.Text("name") == u.name, "user %s is %s in %s, and should be %s in %s", u.email, row.Text("name"), row.Text("org_id"), u.name, claim)
	}
	for _, o := range s.orgs {
		books := b.Orgs[o.id]
		s.unless(books != nil, "org %s is gone", o.id)
		if o.purged {
			s.unless(books.Row.Has("purged_at") && len(books.Members)+len(books.Keys) == 0, "org %s should be purged", o.id)
			continue
		}
		s.agreeOrg(o, books)
	}
}

func (s *story) agreeOrg(o *org, b *apitest.OrgBooks) {
	s.unless(b.Row.Text("name") == o.name && b.Row.Text("slug") == o.slug && b.Row.Has("deleted_at") == o.deleted, "the org %s is not as it should be", o.id)
	people, teams := map[string]string{}, map[string]string{}
	for _, m := range o.members {
		if !m.left {
			people[m.id] = m.role + " " + m.name + " " + m.team.id
		}
	}
	for _, t := range o.teams {
		if !t.gone {
			teams[t.id] = t.name
		}
	}
	if o.deleted { // what people are called since is not told there
		people = rows(b.Members, memberLine)
	}
	s.equal("members", people, rows(b.Members, memberLine))
	s.equal("teams", teams, rows(b.Teams, func(r apitest.Row) string { return r.Text("name") }))
	s.agreeInvitations(o, b)
	s.agreeKeys(o, b)
	s.agreeMoney(o, b)
	entries := map[string]string{}
	for _, e := range b.Audit {
		entries[e.Text("action")] += "+"
	}
	want := map[string]string{}
	for action, n := range o.entries {
		want[action] = strings.Repeat("+", n)
	}
	s.equal("entries", want, entries)
}

func memberLine(r apitest.Row) string {
	return r.Text("role") + " " + r.Text("name") + " " + r.Text("team_id")
}

func (s *story) agreeInvitations(o *org, b *apitest.OrgBooks) {
	want := map[string]string{}
	for _, i := range o.invitations {
		want[i.id] = strings.Join([]string{i.status, i.email, i.role, i.team.id, i.inviter.id, when(i.expires), delivery(i)}, " ")
	}
	s.equal("invitations", want, rows(b.Invitations, func(r apitest.Row) string {
		delivery := ""
		if r.Text("status") == "pending" {
			delivery = r.Text("delivery")
		}
		return strings.Join([]string{
			r.Text("status"), r.Text("email"), r.Text("role"), r.Text("team_id"), r.Map("invited_by").Text("user_id"), when(r.Time("expires_at")), delivery,
		}, " ")
	}))
}

func (s *story) agreeKeys(o *org, b *apitest.OrgBooks) {
	want := map[string]string{}
	for _, k := range o.keys {
		want[k.id] = fmt.Sprint(k.name, k.revoked, k.seat.id, k.team.id, k.scopes, k.models, k.limit, orEmpty(k.expires))
	}
	s.equal("keys", want, rows(b.Keys, func(r apitest.Row) string {
		models, expires := []any{}, ""
		if list, is := r["models"].([]any); is {
			models = list
		}
		if r.Has("expires_at") {
			expires = when(r.Time("expires_at"))
		}
		return fmt.Sprint(r.Text("name"), r.Has("revoked_at"), r.Text("user_id"), r.Text("team_id"), r["scopes"], models, r.Number("requests_per_minute"), expires)
	}))
}

func (s *story) agreeMoney(o *org, b *apitest.OrgBooks) {
	events, budgets, credits := map[string]string{}, map[string]string{}, int64(0)
	for _, e := range o.events {
		events[e.id] = fmt.Sprint(e.key.id, e.model, e.cost, when(e.at))
	}
	for _, budget := range o.budgets {
		if !budget.gone {
			budgets[budget.scope+"#"+budget.id] = fmt.Sprint(budget.limit, budget.period)
		}
	}
	if o.credit != nil {
		budgets["credits#"+o.id] = fmt.Sprint(o.credits, "total")
	}
	for _, e := range b.Ledger {
		credits += int64(e.Number("amount"))
	}
	s.unless(credits == o.credits, "the org's credits are %d, and should be %d", credits, o.credits)
	s.equal("events", events, rows(b.Events, func(r apitest.Row) string {
		return fmt.Sprint(r.Text("key_id"), r.Text("model"), int64(r.Number("cost")), when(r.Time("at")))
	}))
	s.equal("budgets", budgets, rows(b.Budgets, func(r apitest.Row) string {
		return fmt.Sprint(int64(r.Number("limit")), r.Text("period"))
	}))
}

func delivery(i *invitation) string {
	switch {
	case i.status != "pending":
		return ""
	case i.queued:
		return "queued"
	case i.outcome != "":
		return i.outcome
	}
	return "sent"
}

// rows says of each row what is compared.
func rows(of map[string]apitest.Row, say func(apitest.Row) string) map[string]string {
	said := map[string]string{}
	for id, r := range of {
		said[id] = say(r)
	}
	return said
}

// equal compares what is with what should be.
func (s *story) equal(what string, want, got map[string]string) {
	if maps.Equal(want, got) {
		return
	}
	ids := slices.Sorted(maps.Keys(want))
	for id := range got {
		if _, known := want[id]; !known {
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		if want[id] != got[id] {
			s.t.Logf("%s %s: there is %q, and should be %q", what, s.named(id), s.named(got[id]), s.named(want[id]))
		}
	}
	s.fail("the %s are not those of the model", what)
}
