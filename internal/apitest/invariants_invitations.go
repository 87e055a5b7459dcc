package apitest

import "strings"

// leftPendingOnce is invariant 6: exactly those invitations that are pending are in the
// sweep's index, each left pending as often as it says, and none was accepted too late.
func leftPendingOnce(b Books, f *finds) {
	b.eachOrg(func(_ string, o *OrgBooks) {
		tally := o.tally("invitation.")
		for id, i := range o.Invitations {
			status, pending := i.Text("status"), i.Text("status") == "pending"
			f.unless(i.Has("due_shard") == pending && i.Has("due_at") == pending, "%s invitation %s: due_shard %v, due_at %v", status, id, i["due_shard"], i["due_at"])
			f.unless(strings.HasSuffix(i.Text("kind_key"), "#"+status), "%s invitation %s is listed as %s", status, id, i.Text("kind_key"))
			for _, end := range []string{"accepted", "declined", "revoked"} {
				n := tally[id+" "+end]
				f.unless(n == count(status == end), "%s invitation %s has %d entries of being %s", status, id, n, end)
			}
			// An expired one comes back only by a resend.
			expired, resent := tally[id+" expired"], tally[id+" resent"]
			if status == "expired" {
				f.unless(expired >= 1 && expired-1 <= resent, "invitation %s expired %d times and was resent %d times", id, expired, resent)
			} else {
				f.unless(expired <= resent, "%s invitation %s expired %d times and was resent %d times", status, id, expired, resent)
			}
		}
		for _, e := range o.Audit {
			if i := o.Invitations[e.Map("target").Text("id")]; i != nil && e.Text("action") == "invitation.accepted" {
				f.unless(e.Number("at") < i.Number("expires_at"), "invitation %s was accepted after its time", i.Text("id"))
			}
		}
	})
}

// acceptedWhole is invariant 7: behind every entry of an accept are a spent invitation, a
// user, a session and, unless it ended since, a seat.
func acceptedWhole(b Books, f *finds) {
	opened := map[string]bool{} // sessions, by org, user and time
	for _, s := range b.Sessions {
		opened[s.Text("org_id")+s.Text("user_id")+s.Time("created_at").String()] = true
	}
	users := map[string]bool{}
	for _, u := range b.Users {
		users[u.Text("id")] = true
	}
	b.eachOrg(func(org string, o *OrgBooks) {
		ended := map[string]bool{}
		for _, e := range o.Audit {
			switch e.Text("action") {
			case "member.removed", "member.left":
				ended[e.Map("target").Text("id")] = true
			case "session.ended", "session.all_ended":
				ended["sessions"] = true
			}
		}
		for _, e := range o.Audit {
			if e.Text("action") != "invitation.accepted" {
				continue
			}
			id, user := e.Map("target").Text("id"), e.Map("after").Text("user_id")
			f.unless(o.Invitations[id].Text("status") == "accepted", "invitation %s was accepted and is not spent", id)
			f.unless(users[user], "invitation %s made a member of nobody", id)
			f.unless(ended[user] || o.Members[user] != nil, "invitation %s was accepted and %s has no seat", id, user)
			f.unless(ended["sessions"] || opened[org+user+e.Time("at").String()], "invitation %s was accepted and opened no session", id)
		}
	})
}
