package histories_test

import (
	"fmt"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// deeds are what clients do, the more often the more often they stand here.
var deeds = []func(client){
	client.invite, client.invite, client.bulk, client.accept, client.accept, client.accept, client.decline,
	client.revoke, client.resend, client.changeRole, client.changeRole, client.transfer, client.remove, client.leave,
	client.createKey, client.createKey, client.rotateKey, client.revokeKey, client.verify, client.verify, client.look,
	client.spend, client.spend, client.topUp, client.sweep, client.wait,
}

var roles = []string{"admin", "member", "member", "viewer"}

func (c client) address() string { return c.addresses[c.IntN(len(c.addresses))] }
func (c client) role() string    { return roles[c.IntN(len(roles))] }

func (c client) invite() {
	by, email := c.actor(), c.outsider()
	r, w := c.keyed(one("invitation.created"), by, "POST", "/v1/invitations", m{"email": email, "role": c.role()})
	if w.done() {
		keep(c, &c.invited, invited{by.OrgID, r.Get("id"), email})
	}
}

func (c client) bulk() {
	by := c.actor()
	rows := []m{{"email": c.outsider(), "role": c.role()}, {"email": c.address(), "role": c.role()}, {"email": "nobody", "role": "member"}}
	w := want{action: "invitation.created"}
	c.keyed(w, by, "POST", "/v1/invitations/bulk", m{"invitations": rows})
}

func (c client) accept() {
	email := c.guest()
	token := c.Mail.Token(email)
	before := time.Now()
	r, w := c.keyed(one("invitation.accepted"), c.Stranger(), "POST", "/v1/invitations/accept", m{"token": token})
	c.used(credential{secret: token, kind: "link", id: email, known: before}, w.tries[0].begun, w.done())
	if !w.done() || r.Get("session.token") == "" { // a replay has no session
		return
	}
	p := &apitest.Person{World: c.World, Email: email, ID: r.Get("membership.user_id"), TeamID: r.Get("membership.team_id"), Token: r.Get("session.token")}
	if p.OrgID = p.Do("GET", "/v1/me", nil).Get("org.id"); p.OrgID != "" {
		c.seated(p)
	}
}

func (c client) decline() {
	email := c.guest()
	token := c.Mail.Token(email)
	_, w := c.ask(one("invitation.declined"), c.Stranger(), "POST", "/v1/invitations/decline", m{"token": token})
	c.ended(w, func(cred credential) bool { return cred.secret == token })
}

func (c client) revoke() {
	inv, ok := pick(c, &c.invited)
	if !ok {
		return
	}
	token := c.Mail.Token(inv.email) // of this invitation, or of a later one
	_, w := c.ask(one("invitation.revoked"), c.inviter(inv), "DELETE", "/v1/invitations/"+inv.id, nil)
	c.ended(w, func(cred credential) bool { return cred.secret == token && opens(token, inv.id) })
}

func (c client) resend() {
	inv, ok := pick(c, &c.invited)
	if !ok {
		return
	}
	token := c.Mail.Token(inv.email)
	_, w := c.keyed(one("invitation.resent"), c.inviter(inv), "POST", "/v1/invitations/"+inv.id+"/resend", nil)
	c.ended(w, func(cred credential) bool { return cred.secret == token && opens(token, inv.id) })
}

func (c client) changeRole() {
	by := c.actor()
	whom, role := c.colleague(by), c.role()
	w := one("member.role_changed")
	w.maybe = true // they may have the role
	_, w = c.ask(w, by, "PATCH", "/v1/members/"+whom.ID, m{"role": role})
	if role == "viewer" {
		c.ended(w, func(cred credential) bool { return cred.kind == "key" && cred.userID == whom.ID })
	}
}

func (c client) transfer() {
	by := c.actor()
	to := c.colleague(by)
	_, w := c.ask(one("org.ownership_transferred"), by, "POST", "/v1/org/transfer", m{"user_id": to.ID})
	if w.done() {
		c.scene.mu.Lock()
		defer c.scene.mu.Unlock()
		c.owners[by.OrgID] = to
	}
}

func (c client) remove() {
	by := c.actor()
	whom := c.colleague(by)
	_, w := c.ask(one("member.removed"), by, "DELETE", "/v1/members/"+whom.ID, nil)
	c.ended(w, belongsTo(whom))
}

func (c client) leave() {
	if c.IntN(2) == 0 {
		return
	}
	p := c.actor()
	_, w := c.ask(one("member.left"), p, "POST", "/v1/members/me/leave", nil)
	c.ended(w, belongsTo(p))
}

// belongsTo is whether a credential is the person's, as a member. Their links are not: they
// offer what is to come.
func belongsTo(p *apitest.Person) func(credential) bool {
	return func(cred credential) bool { return cred.kind != "link" && cred.userID == p.ID }
}

func (c client) createKey() {
	p := c.actor()
	r, w := c.keyed(one("key.created"), p, "POST", "/v1/keys", m{"name": "a key"})
	if secret := r.Get("key"); w.done() && secret != "" {
		keep(c, &c.keys, key{credential{secret, "key", r.Get("id"), p.ID, time.Now()}, p, p.OrgID})
	}
}

func (c client) rotateKey() {
	k, ok := pick(c, &c.keys)
	if !ok {
		return
	}
	r, w := c.keyed(one("key.rotated"), k.holder, "POST", "/v1/keys/"+k.id+"/rotate", m{"grace_seconds": 0})
	c.ended(w, func(cred credential) bool { return cred.secret == k.secret })
	if secret := r.Get("key"); w.done() && secret != "" {
		k.secret, k.known = secret, time.Now()
		keep(c, &c.keys, k)
	}
}

func (c client) revokeKey() {
	k, ok := pick(c, &c.keys)
	if !ok {
		return
	}
	_, w := c.ask(one("key.revoked"), k.holder, "DELETE", "/v1/keys/"+k.id, nil)
	c.ended(w, func(cred credential) bool { return cred.kind == "key" && cred.id == k.id })
}

func (c client) verify() {
	k, ok := pick(c, &c.keys)
	if !ok {
		return
	}
	begun := time.Now()
	r := c.gateway.Do("POST", "/v1/keys/verify", m{"key": k.secret})
	c.used(k.credential, begun, r.Get("code") == "ok")
}

func (c client) look() {
	s, ok := pick(c, &c.sessions)
	if !ok {
		return
	}
	begun := time.Now()
	c.used(s.credential, begun, s.Do("GET", "/v1/me", nil).Status == 200)
}

// spend reports some events of some keys, one of them perhaps for the second time.
func (c client) spend() {
	var batch []m
	if e, ok := pick(c, &c.events); ok {
		batch = append(batch, e)
	}
	for range 1 + c.IntN(5) {
		k, ok := pick(c, &c.keys)
		if !ok {
			return
		}
		e := m{"event_id": c.NoID(), "key_id": k.id, "model": fmt.Sprint("model-", c.IntN(3)), "cost_usd": "0.001", "at": c.Clock.Now().Format(time.RFC3339Nano)}
		keep(c, &c.events, e)
		batch = append(batch, e)
	}
	if r := c.gateway.Do("POST", "/v1/spend/events", batch); r.Status == 200 {
		var answer struct{ Results []struct{ Status string } }
		r.Decode(&answer)
		for i, one := range answer.Results {
			if one.Status == "counted" || one.Status == "duplicate" {
				keep(c, &c.counted, batch[i])
			}
		}
	}
}

func (c client) topUp() {
	c.keyed(one("credits.added"), c.gateway, "POST", "/v1/billing/credits", m{"org_id": c.orgs[c.IntN(len(c.orgs))], "amount_usd": 1})
}

func (c client) wait() { c.Clock.Advance(aWhile) }

// sweep runs beside everything else. What it cannot do, a later one does.
func (c client) sweep() { c.Sweeper.Sweep(c.Context()) }
