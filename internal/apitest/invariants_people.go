package apitest

import (
	"maps"
	"strings"
)

// oneMembership is invariant 1: a user has at most one membership, known from both sides.
func oneMembership(b Books, f *finds) {
	for address, u := range b.Users {
		if org := u.Text("org_id"); org != "" {
			claimed := b.Orgs[org] != nil && b.Orgs[org].Members[u.Text("id")] != nil
			f.unless(claimed, "%s claims to be in org %s, which has no such member", address, org)
		}
	}
	seats := map[string]string{}
	for org, o := range b.Orgs {
		if o.deleted() {
			continue
		}
		for id, m := range o.Members {
			f.unless(seats[id] == "", "user %s is a member of %s and %s", id, org, seats[id])
			seats[id] = org
			u := b.Users[m.Text("email")]
			f.unless(u.Text("id") == id && u.Text("org_id") == org, "member %s of %s is not claimed by its user", m.Text("email"), org)
		}
	}
}

// oneOwner is invariant 2: one owner, and the org says who.
func oneOwner(b Books, f *finds) {
	b.eachOrg(func(org string, o *OrgBooks) {
		var owners []string
		for id, m := range o.Members {
			if m.Text("role") == "owner" {
				owners = append(owners, id)
			}
		}
		f.unless(len(owners) == 1 && owners[0] == o.Row.Text("owner_id"), "org %s has the owners %v and says %s", org, owners, o.Row.Text("owner_id"))
	})
}

// oneUserPerAddress is invariant 3: an address, in its one form, is one user's; so is a slug
// one org's.
func oneUserPerAddress(b Books, f *finds) {
	ids := map[string]string{}
	for address, u := range b.Users {
		f.unless(u.Text("email") == address, "user %s lies under %s", u.Text("email"), address)
		f.unless(address == strings.ToLower(strings.TrimSpace(address)), "address %s is not in its normal form", address)
		f.unless(ids[u.Text("id")] == "", "%s and %s are one user", address, ids[u.Text("id")])
		ids[u.Text("id")] = address
	}
	for slug, s := range b.Slugs {
		o := b.Orgs[s.Text("org_id")]
		f.unless(o != nil && o.Row.Text("slug") == slug, "slug %s belongs to an org that does not know it", slug)
	}
	b.eachOrg(func(org string, o *OrgBooks) {
		f.unless(b.Slugs[o.Row.Text("slug")].Text("org_id") == org, "org %s does not have its slug", org)
	})
}

// defaultTeam is invariant 4: there is one Default team, and every team counts its people
// right, so that none is deleted while it has any.
func defaultTeam(b Books, f *finds) {
	b.eachOrg(func(org string, o *OrgBooks) {
		seated, pending := map[string]int{}, map[string]int{}
		for id, m := range o.Members {
			seated[m.Text("team_id")]++
			f.unless(o.Teams[m.Text("team_id")] != nil, "member %s sits in a team that is gone", id)
		}
		for id, i := range o.Invitations {
			if i.Text("status") == "pending" {
				pending[i.Text("team_id")]++
				f.unless(o.Teams[i.Text("team_id")] != nil, "invitation %s is to a team that is gone", id)
			}
		}
		defaults := 0
		for id, t := range o.Teams {
			if t["default"] == true {
				defaults++
				f.unless(id == o.Row.Text("default_team_id"), "team %s is Default and the org does not say so", id)
			}
			f.unless(t.Number("members") == seated[id], "team %s counts %d members and has %d", id, t.Number("members"), seated[id])
			f.unless(t.Number("pending") == pending[id], "team %s counts %d pending and has %d", id, t.Number("pending"), pending[id])
		}
		f.unless(defaults == 1, "org %s has %d Default teams", org, defaults)
	})
}

// onePendingPerAddress is invariant 5: an address is a member's, or has one pending
// invitation, or is free.
func onePendingPerAddress(b Books, f *finds) {
	b.eachOrg(func(_ string, o *OrgBooks) {
		want := map[string]string{}
		for id, m := range o.Members {
			want[m.Text("email")] = "member " + id
		}
		for id, i := range o.Invitations {
			if email := i.Text("email"); i.Text("status") == "pending" {
				f.unless(want[email] == "", "%s is %s and invited by %s", email, want[email], id)
				want[email] = "invited " + id
			}
		}
		got := map[string]string{}
		for address, a := range o.Addresses {
			got[address] = a.Text("is") + " " + a.Text("id")
		}
		f.unless(maps.Equal(got, want), "addresses are %v and should be %v", got, want)
	})
}

// grantedWithin is invariant 10, as far as the record shows it: whoever granted a role, or
// was shown another's key, was an owner or an admin then, and nobody was made owner but by
// transfer. Whether an inviter still could at the accept, only the answer to it shows.
func grantedWithin(b Books, f *finds) {
	for _, o := range b.Orgs {
		for _, e := range o.Audit {
			by := e.Map("actor").Text("role")
			managed := by == "owner" || by == "admin"
			switch e.Text("action") {
			case "invitation.created", "invitation.resent", "member.role_changed":
				role := e.Map("after").Text("role")
				f.unless(managed && (role == "" || role != "owner"), "entry %s: %s granted %s", e.Text("id"), by, role)
			case "key.created":
				own := e.Map("actor").Text("user_id") == e.Map("after").Text("user_id")
				f.unless(own || managed, "entry %s: %s made a key for another", e.Text("id"), by)
			}
		}
	}
}

// keysEnd is invariant 11, as far as the table shows it: a live key has a holder who lists
// it and the secret that finds it; a holder lists at most 40.
func keysEnd(b Books, f *finds) {
	b.eachOrg(func(_ string, o *OrgBooks) {
		live := map[string][]string{}
		for id, k := range o.Keys {
			alive := !k.Has("revoked_at")
			if alive {
				live[k.Text("user_id")] = append(live[k.Text("user_id")], id)
				f.unless(o.Members[k.Text("user_id")] != nil, "key %s lives and its holder is gone", id)
			}
			f.unless(strings.HasSuffix(k.Text("kind_key"), map[bool]string{true: "#live", false: "#revoked"}[alive]), "key %s is listed as %s", id, k.Text("kind_key"))
			f.unless(b.Secrets[k.Text("hash")].Text("id") == id, "the secret of key %s does not find it", id)
		}
		for id, m := range o.Members {
			listed := m.Map("live_keys")
			f.unless(len(listed) == len(live[id]) && len(listed) <= 40, "member %s lists %d keys and holds %d", id, len(listed), len(live[id]))
			for _, k := range live[id] {
				f.unless(listed.Has(k), "member %s does not list the key %s", id, k)
			}
		}
	})
}
