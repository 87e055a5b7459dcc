package apitest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// CheckInvariants fails the test if the table breaks one of the rules that must always be
// true. It looks at the items themselves, so it believes no answer of the program. The
// world must have a table of its own, and no org under purge.
func (w *World) CheckInvariants() Books {
	w.Helper()
	rows := w.Rows()
	books := sorted(rows)
	broken := append(books.broken(), w.leaks(rows)...)
	for _, b := range broken {
		w.Errorf("broken rule: %s", b)
	}
	return books
}

// finds collects what is wrong.
type finds []string

func (f *finds) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Sprintf(format, args...))
	}
}

func (b Books) broken() []string {
	var f finds
	b.checkUsers(&f)
	b.checkSlugs(&f)
	for id, o := range b.Orgs {
		if f.unless(o.Row != nil, "org %s has items and no item of its own", id); o.purged() {
			continue
		}
		o.checkOwner(&f)
		o.checkTeams(&f)
		o.checkAddresses(&f)
		o.checkInvitations(&f)
		o.checkKeys(&f, b.Secrets)
		o.checkAudit(&f)
	}
	slices.Sort(f)
	return f
}

// purged reports whether only the org's name is left.
func (o *OrgBooks) purged() bool { return o.Row == nil || o.Row.Has("purged_at") }

// checkUsers: a user has one address and at most one membership, known from both sides.
func (b Books) checkUsers(f *finds) {
	ids := map[string]string{}
	for address, u := range b.Users {
		f.unless(u.Text("email") == address, "user %s lies under %s", u.Text("email"), address)
		f.unless(address == strings.ToLower(address), "address %s is not in its normal form", address)
		f.unless(ids[u.Text("id")] == "", "%s and %s are one user", address, ids[u.Text("id")])
		ids[u.Text("id")] = address
		if org := u.Text("org_id"); org != "" {
			claimed := b.Orgs[org] != nil && b.Orgs[org].Members[u.Text("id")] != nil
			f.unless(claimed, "%s claims to be in org %s, which has no such member", address, org)
		}
	}
	seats := map[string]string{}
	for org, o := range b.Orgs {
		if o.Row.Has("deleted_at") { // its claims are void
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

// checkSlugs: every org that is there has its slug, and no slug leads elsewhere.
func (b Books) checkSlugs(f *finds) {
	for slug, s := range b.Slugs {
		o := b.Orgs[s.Text("org_id")]
		f.unless(o != nil && o.Row.Text("slug") == slug, "slug %s belongs to an org that does not know it", slug)
	}
	for id, o := range b.Orgs {
		if !o.purged() {
			f.unless(b.Slugs[o.Row.Text("slug")].Text("org_id") == id, "org %s does not have its slug", id)
		}
	}
}

// checkOwner: one owner, and the org says who; one credit.
func (o *OrgBooks) checkOwner(f *finds) {
	var owners []string
	for id, m := range o.Members {
		if m.Text("role") == "owner" {
			owners = append(owners, id)
		}
	}
	f.unless(len(owners) == 1 && owners[0] == o.Row.Text("owner_id"), "org %s has the owners %v and says %s", o.Row.Text("id"), owners, o.Row.Text("owner_id"))
	grants := 0
	for _, e := range o.Ledger {
		if e.Text("kind") == "grant" {
			grants++
		}
	}
	f.unless(grants == 1, "org %s was granted its credit %d times", o.Row.Text("id"), grants)
}

// checkTeams: there is one Default team, and every team counts its people right.
func (o *OrgBooks) checkTeams(f *finds) {
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
	f.unless(defaults == 1, "org %s has %d Default teams", o.Row.Text("id"), defaults)
}

// checkAddresses: an address is a member's, or has one pending invitation, or is free.
func (o *OrgBooks) checkAddresses(f *finds) {
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
}

// checkInvitations: exactly those that are pending are in the sweep's index, and each left
// pending as often as it says.
func (o *OrgBooks) checkInvitations(f *finds) {
	for id, i := range o.Invitations {
		status, pending := i.Text("status"), i.Text("status") == "pending"
		f.unless(i.Has("due_shard") == pending && i.Has("due_at") == pending, "%s invitation %s: due_shard %v, due_at %v", status, id, i["due_shard"], i["due_at"])
		f.unless(strings.HasSuffix(i.Text("kind_key"), "#"+status), "%s invitation %s is listed as %s", status, id, i.Text("kind_key"))
		f.unless(o.Entries("invitation.created", id) == 1, "invitation %s has %d entries of its creation", id, o.Entries("invitation.created", id))
		for _, end := range []string{"accepted", "declined", "revoked"} {
			n := o.Entries("invitation."+end, id)
			f.unless(n == map[bool]int{true: 1}[status == end], "%s invitation %s has %d entries of being %s", status, id, n, end)
		}
		// An expired one comes back only by a resend.
		expired, resent := o.Entries("invitation.expired", id), o.Entries("invitation.resent", id)
		if status == "expired" {
			f.unless(expired >= 1 && expired-1 <= resent, "invitation %s expired %d times and was resent %d times", id, expired, resent)
		} else {
			f.unless(expired <= resent, "%s invitation %s expired %d times and was resent %d times", status, id, expired, resent)
		}
	}
}

// checkKeys: a member's live keys are those that are not revoked, at most 40, each with the
// secret that finds it.
func (o *OrgBooks) checkKeys(f *finds, secrets map[string]Row) {
	live := map[string][]string{}
	for id, k := range o.Keys {
		alive := !k.Has("revoked_at")
		if alive {
			live[k.Text("user_id")] = append(live[k.Text("user_id")], id)
			f.unless(o.Members[k.Text("user_id")] != nil, "key %s lives and its holder is gone", id)
		}
		f.unless(strings.HasSuffix(k.Text("kind_key"), map[bool]string{true: "#live", false: "#revoked"}[alive]), "key %s is listed as %s", id, k.Text("kind_key"))
		f.unless(secrets[k.Text("hash")].Text("id") == id, "the secret of key %s does not find it", id)
	}
	for id, m := range o.Members {
		named, _ := m["live_keys"].(map[string]any)
		listed, held := slices.Sorted(maps.Keys(named)), slices.Sorted(slices.Values(live[id]))
		f.unless(slices.Equal(listed, held), "member %s lists the keys %v and holds %v", id, listed, held)
		f.unless(len(held) <= 40, "member %s holds %d keys", id, len(held))
	}
}

// checkAudit: what there is came, and what is gone went, with an entry each.
func (o *OrgBooks) checkAudit(f *finds) {
	revoked := 0
	for _, k := range o.Keys {
		if k.Has("revoked_at") {
			revoked++
		}
	}
	org := o.Row.Text("id")
	for _, c := range []struct {
		what      string
		have, say int
	}{
		{"foundings", 1, o.Entries("org.created")},
		{"deletions", map[bool]int{true: 1}[o.Row.Has("deleted_at")], o.Entries("org.deleted")},
		{"members", len(o.Members), 1 + o.Entries("invitation.accepted") - o.Entries("member.removed") - o.Entries("member.left")},
		{"teams", len(o.Teams), 1 + o.Entries("team.created") - o.Entries("team.deleted")},
		{"invitations", len(o.Invitations), o.Entries("invitation.created")},
		{"keys", len(o.Keys), o.Entries("key.created")},
		{"revoked keys", revoked, o.Entries("key.revoked")},
	} {
		f.unless(c.have == c.say, "org %s has %d %s and its record tells of %d", org, c.have, c.what, c.say)
	}
	for _, e := range o.Audit {
		f.unless(e.Text("id") == e.Text("sk") && e.Text("org_id") == org, "entry %s lies in the wrong place", e.Text("id"))
	}
}

// plain is what secrets look like before they are hashed. Of a key, four characters behind
// the prefix are shown, whatever the prefix.
var plain = regexp.MustCompile(`nemo_(invite|session|link)_|\bsk-([0-9a-z]*-)*[0-9A-Za-z]{5,}([^-0-9A-Za-z]|$)`)

// leaks finds secrets in the table: by their form, and those that were mailed by themselves.
func (w *World) leaks(rows []Row) []string {
	var f finds
	tokens := w.Mail.tokens()
	for _, r := range rows {
		eachText(r, func(s string) {
			f.unless(!plain.MatchString(s), "%s / %s holds a secret", r.Text("pk"), r.Text("sk"))
			f.unless(!tokens[s], "%s / %s holds a mailed token", r.Text("pk"), r.Text("sk"))
		})
	}
	return f
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case Row:
		for _, part := range v {
			eachText(part, visit)
		}
	case map[string]any:
		for name, part := range v {
			visit(name)
			eachText(part, visit)
		}
	case []any:
		for _, part := range v {
			eachText(part, visit)
		}
	}
}

// tokens are all that were mailed.
func (m *Mail) tokens() map[string]bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	tokens := map[string]bool{}
	for _, s := range m.sent {
		if s.Token != "" {
			tokens[s.Token] = true
		}
	}
	return tokens
}
