package apitest

import "strings"

// recorded is invariant 8: what there is came, changed and went with an entry each. It does
// not rest on the order of entries, which people who act at the same moment do not have:
// entries are movements, and the movements add up to what is there.
func recorded(b Books, f *finds) {
	sessions := map[string]int{}
	for _, s := range b.Sessions {
		sessions[s.Text("org_id")]++
	}
	for org, o := range b.Orgs {
		f.unless(o.Row != nil, "org %s has items and no item of its own", org)
		for _, e := range o.Audit {
			f.unless(e.Text("id") == e.Text("sk") && e.Text("org_id") == org, "entry %s lies in the wrong place", e.Text("id"))
		}
	}
	b.eachOrg(func(org string, o *OrgBooks) {
		o.things(f, org, sessions[org])
		o.roles(f)
		o.versions(f)
	})
}

// things: there are as many as came and did not go.
func (o *OrgBooks) things(f *finds, org string, sessions int) {
	revoked, credits := 0, 0
	for _, k := range o.Keys {
		revoked += count(k.Has("revoked_at"))
	}
	for _, e := range o.Ledger {
		credits += count(e.Text("kind") == "top_up")
	}
	n := o.tally("")
	for _, c := range []struct {
		what      string
		have, say int
	}{
		{"foundings", 1, n["org.created"]},
		{"grants of credit", len(o.Ledger) - credits, 1},
		{"deletions", count(o.deleted()), n["org.deleted"]},
		{"members", len(o.Members), 1 + n["invitation.accepted"] - n["member.removed"] - n["member.left"]},
		{"teams", len(o.Teams), 1 + n["team.created"] - n["team.deleted"]},
		{"invitations", len(o.Invitations), n["invitation.created"]},
		{"keys", len(o.Keys), n["key.created"]},
		{"revoked keys", revoked, n["key.revoked"]},
		{"top-ups", credits, n["credits.added"]},
		{"sessions", sessions, 1 + n["invitation.accepted"] + n["session.created"] - n["session.ended"]},
	} {
		f.unless(c.have == c.say, "org %s has %d %s and its record tells of %d", org, c.have, c.what, c.say)
	}
	o.budgets(f)
}

// budgets: those are there that were set and not deleted since; one is set anew by an entry
// that has nothing before.
func (o *OrgBooks) budgets(f *finds) {
	balance := map[string]int{}
	for ref := range o.Budgets {
		balance[ref] = -1
	}
	for _, e := range o.Audit {
		target := e.Map("target")
		ref := target.Text("name") + "#" + target.Text("id")
		switch {
		case e.Text("action") == "budget.set" && e.Map("before") == nil:
			balance[ref]++
		case e.Text("action") == "budget.deleted":
			balance[ref]--
		}
	}
	for ref, n := range balance {
		f.unless(n == 0 || strings.HasPrefix(ref, "credits#"), "budget %s is off the record by %d", ref, n)
	}
}

// roles: of each role that a person ever had, they hold what they came to and did not go
// from. A transfer does not say what the new owner was.
func (o *OrgBooks) roles(f *finds) {
	balance, transfers := map[string]map[string]int{}, map[string]int{}
	move := func(user, role string, by int) {
		if balance[user] == nil {
			balance[user] = map[string]int{}
		}
		balance[user][role] += by
	}
	for id, m := range o.Members {
		move(id, m.Text("role"), -1)
	}
	for _, e := range o.Audit {
		target, before, after := e.Map("target").Text("id"), e.Map("before"), e.Map("after")
		switch e.Text("action") {
		case "org.created":
			move(e.Map("actor").Text("user_id"), "owner", 1)
		case "invitation.accepted":
			move(after.Text("user_id"), after.Text("role"), 1)
		case "member.role_changed":
			move(target, before.Text("role"), -1)
			move(target, after.Text("role"), 1)
		case "member.removed", "member.left":
			move(target, before.Text("role"), -1)
		case "org.ownership_transferred":
			move(before.Text("owner_id"), "owner", -1)
			move(before.Text("owner_id"), "admin", 1)
			move(after.Text("owner_id"), "owner", 1)
			transfers[after.Text("owner_id")]++
		}
	}
	for user, roles := range balance {
		f.unless(roles["owner"] == 0, "user %s is off the record as an owner by %d", user, roles["owner"])
		rest := 0
		for _, role := range []string{"admin", "member", "viewer"} {
			f.unless(roles[role] >= 0, "user %s is off the record as %s by %d", user, role, roles[role])
			rest += roles[role]
		}
		f.unless(rest == transfers[user], "user %s is off the record by %d roles", user, rest-transfers[user])
	}
}

// versions: what was changed in place is as an entry says it became.
func (o *OrgBooks) versions(f *finds) {
	said := map[string]bool{}
	n := o.tally("")
	for _, e := range o.Audit {
		id, after := e.Map("target").Text("id"), e.Map("after")
		for _, name := range []string{"name", "slug", "expires_at", "limit_usd"} {
			said[id+" "+name+" "+after.Text(name)] = true
		}
	}
	for _, name := range []string{"name", "slug"} {
		f.unless(said[o.Row.Text("id")+" "+name+" "+o.Row.Text(name)], "the record does not say that the org's %s is %s", name, o.Row.Text(name))
	}
	for id, t := range o.Teams {
		f.unless(t["default"] == true || said[id+" name "+t.Text("name")], "the record does not say that team %s is called %s", id, t.Text("name"))
	}
	for id, i := range o.Invitations {
		until := i.Time("expires_at").Format("2006-01-02T15:04:05Z07:00")
		f.unless(said[id+" expires_at "+until], "the record does not say that invitation %s lasts until %s", id, until)
	}
	for id, k := range o.Keys {
		changes := n[id+" updated"] + n[id+" rotated"]
		f.unless(k.Number("revision") == changes, "key %s is at revision %d after %d changes", id, k.Number("revision"), changes)
		f.unless(k.Has("rotated_at") == (n[id+" rotated"] > 0), "key %s: rotated_at is %v after %d rotations", id, k["rotated_at"], n[id+" rotated"])
	}
}

// remembered is invariant 14: people, teams and keys that are gone still have their names.
func remembered(b Books, f *finds) {
	b.eachOrg(func(_ string, o *OrgBooks) {
		for _, e := range o.Audit {
			id := e.Map("target").Text("id")
			f.unless(e.Map("target").Text("name") != "", "entry %s does not name its target", e.Text("id"))
			switch e.Text("action") {
			case "member.removed", "member.left":
				f.unless(o.Members[id] != nil || o.Gone[id].Text("email") == e.Map("target").Text("name"), "nobody remembers the person %s", id)
			case "team.deleted":
				f.unless(o.Gone[id].Text("name") == e.Map("before").Text("name"), "nobody remembers the team %s", id)
			case "key.revoked":
				f.unless(o.Keys[id].Text("name") != "", "nobody remembers the key %s", id)
			}
		}
		for _, s := range o.Sums {
			named := s.Text("key_name") != "" && s.Text("email") != "" && s.Text("team_id") != ""
			f.unless(named || !strings.HasPrefix(s.Text("sk"), "KEY#"), "the spend of %s has no names", s.Text("sk"))
		}
	})
}

// tally counts entries by action, as in "key.created", and by target and what became of it,
// as in "<id> created"; those alone whose action has the prefix.
func (o *OrgBooks) tally(prefix string) map[string]int {
	n := map[string]int{}
	for _, e := range o.Audit {
		if action := e.Text("action"); strings.HasPrefix(action, prefix) {
			_, became, _ := strings.Cut(action, ".")
			n[action]++
			n[e.Map("target").Text("id")+" "+became]++
		}
	}
	return n
}
