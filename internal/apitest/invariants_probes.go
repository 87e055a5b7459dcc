package apitest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// endedMeansRefused is invariant 11: every session and key that the API ever answered is
// tried again. Where the record says that it ended, the answer is 401. The record is the
// judge: it knows nothing of how the program decides.
func endedMeansRefused(w *World, b Books, f *finds) {
	for _, secret := range w.shown.all() {
		is, ended := b.credential(secret, w)
		if !ended {
			continue
		}
		got := (&Person{World: w, Token: secret}).Do("GET", "/v1/me", nil)
		f.unless(got.Status == 401, "%s ended and is answered %d", is, got.Status)
	}
}

// credential says what a secret is, and whether it ended by what the table tells.
func (b Books) credential(secret string, w *World) (is string, ended bool) {
	hash, now := hashOf(secret), w.Clock.Now()
	row, isKey := b.Sessions[hash], strings.HasPrefix(secret, "sk-")
	if isKey {
		row = b.Secrets[hash]
	}
	if row == nil {
		return "what has no row", true
	}
	is = fmt.Sprintf("the %s %s of user %s", map[bool]string{true: "key", false: "session"}[isKey], row.Text("id"), row.Text("user_id"))
	o := b.Orgs[row.Text("org_id")]
	if o == nil || o.deleted() || row.Has("expires_at") && !now.Before(row.Time("expires_at")) {
		return is, true
	}
	if k := o.Keys[row.Text("id")]; isKey && k.Text("hash") != hash && !now.Before(k.Time("previous_until")) {
		return is, true
	}
	return is, slices.ContainsFunc(o.Audit, func(e Row) bool { return e.ends(row, isKey) })
}

// ends reports whether an entry tells of the end of a credential. What ends all credentials
// of a member does not end one of the same moment: where a test has stopped the clock and two
// requests meet, either may have come first.
func (e Row) ends(credential Row, isKey bool) bool {
	target := e.Map("target").Text("id")
	if target == credential.Text("id") {
		return e.Text("action") == "session.ended" || e.Text("action") == "key.revoked"
	}
	if target != credential.Text("user_id") || e.Number("at") <= credential.Number("created_at") {
		return false
	}
	switch e.Text("action") {
	case "member.removed", "member.left":
		return true
	case "member.role_changed":
		return isKey && e.Map("after").Text("role") == "viewer"
	case "session.all_ended":
		return !isKey
	}
	return false
}

// foreignMeansUnknown is invariant 13: the owner of each org asks for the things of the next
// one, and is answered exactly as for what does not exist. So each org asks, and each is
// asked about, and ten times the orgs are ten times the questions.
func foreignMeansUnknown(w *World, b Books, f *finds) {
	owners := b.owners(w)
	ids := slices.Sorted(maps.Keys(b.Orgs))
	for i, id := range ids {
		owner, next := owners[id], ids[(i+1)%len(ids)]
		if owner == nil || next == id {
			continue
		}
		for _, path := range b.Orgs[next].paths(b.Orgs[id]) {
			got, want := owner.blind(path.of), owner.blind(path.ofNothing)
			f.unless(!strings.HasPrefix(want, "5"), "%s is answered %s", path.ofNothing, want)
			f.unless(got == want, "%s of another org is answered %s, and what does not exist %s", path.of, got, want)
		}
	}
}

// owners are people by the org that they own, each with a session that the API opened.
func (b Books) owners(w *World) map[string]*Person {
	owners := map[string]*Person{}
	for _, secret := range w.shown.all() {
		org := b.Sessions[hashOf(secret)].Text("org_id")
		if o := b.Orgs[org]; o == nil || o.deleted() || owners[org] != nil {
			continue
		}
		p := &Person{World: w, Token: secret}
		if p.Do("GET", "/v1/me", nil).Get("role") == "owner" {
			owners[org] = p
		}
	}
	return owners
}

// twin is a question about a thing, and the same one about nothing.
type twin struct{ of, ofNothing string }

// noID is an id that nothing has.
const noID = "01900000-0000-7000-8000-000000000000"

// asked are questions about a thing of each kind. Of people only those are asked that are
// about members: somebody who was here before is known here.
var asked = []struct {
	path string
	of   func(*OrgBooks) map[string]Row
}{
	{"/v1/teams/%s", teamsOf}, {"/v1/budgets/team/%s", teamsOf}, {"/v1/members?team_id=%s", teamsOf}, {"/v1/keys?team_id=%s", teamsOf},
	{"/v1/keys/%s", keysOf}, {"/v1/budgets/key/%s", keysOf}, {"/v1/audit?target=%s", keysOf}, {"/v1/spend?key_id=%s", keysOf},
	{"/v1/members/%s", func(o *OrgBooks) map[string]Row { return o.Members }},
	{"/v1/invitations/%s", func(o *OrgBooks) map[string]Row { return o.Invitations }},
	{"/v1/budgets/org/%s", func(o *OrgBooks) map[string]Row { return map[string]Row{o.Row.Text("id"): o.Row} }},
}

func teamsOf(o *OrgBooks) map[string]Row { return o.Teams }
func keysOf(o *OrgBooks) map[string]Row  { return o.Keys }

// paths ask about things that the org has and home has not.
func (o *OrgBooks) paths(home *OrgBooks) (twins []twin) {
	for _, ask := range asked {
		for _, id := range slices.Sorted(maps.Keys(ask.of(o))) {
			if ask.of(home)[id] == nil { // else they moved here, and their old org awaits its purge
				twins = append(twins, twin{fmt.Sprintf(ask.path, id), fmt.Sprintf(ask.path, noID)})
				break
			}
		}
	}
	return twins
}

// blind is an answer without what every answer has of its own.
func (p *Person) blind(path string) string {
	r := p.Do("GET", path, nil)
	return fmt.Sprint(r.Status, " ", strings.ReplaceAll(string(r.Body), r.Header.Get("X-Request-Id"), ""))
}

// keptApart is invariant 13, as far as the table shows it: every item says the org that it
// lies in, and every index key begins with it.
func keptApart(b Books, f *finds) {
	b.eachOrg(func(org string, o *OrgBooks) {
		for _, kind := range []map[string]Row{o.Teams, o.Members, o.Invitations, o.Keys, o.Budgets} {
			for id, r := range kind {
				f.unless(r.Text("org_id") == org, "%s of org %s says that it is of %s", id, org, r.Text("org_id"))
				for _, index := range []string{"team_key", "kind_key", "name_key", "user_key", "target_key"} {
					f.unless(!r.Has(index) || strings.HasPrefix(r.Text(index), org+"#"), "%s of org %s is listed under %s", id, org, r.Text(index))
				}
			}
		}
	})
}
