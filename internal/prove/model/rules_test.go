package model

import (
	"slices"
	"strings"
	"time"
)

// The rules of the design, said again: plainly, and not with the program's own words.

// answer is a status and, of a refusal, the code.
type answer struct {
	status int
	code   string
}

// What can be answered.
var (
	fine     = answer{200, ""}
	made     = answer{201, ""}
	mailed   = answer{202, ""}
	done     = answer{204, ""}
	unknown  = answer{404, "not_found"}
	nobody   = answer{401, "unauthorized"}
	invalid  = answer{422, "validation_failed"}
	tooOften = answer{429, "rate_limited"}
	forbids  = answer{403, "forbidden"}
	tooHigh  = answer{403, "role_too_high"}
	mismatch = answer{422, "idempotency_mismatch"}
	exists   = answer{409, "invitation_exists"}
	changed  = answer{409, "changed_meanwhile"}
)

func (a answer) ok() bool { return a.status < 300 }

// roles are all roles, from most to least.
var roles = []string{"owner", "admin", "member", "viewer"}

// holders says who holds a permission, by the roles' first letters.
var holders = map[string]string{
	"org:read": "oamv", "teams:read": "oamv", "members:read": "oamv", "budgets:read": "oamv", "analytics:read": "oamv",
	"audit:read": "oav", "keys:read": "oav", "invitations:read": "oav", "guardrails:read": "oav", "prompts:read": "oav",
	"playground:run": "oam", "keys:manage_own": "oam",
	"keys:manage": "oa", "guardrails:manage": "oa", "prompts:manage": "oa", "budgets:manage": "oa",
	"invitations:manage": "oa", "members:manage": "oa", "teams:manage": "oa", "org:update": "oa",
	"billing:read":   "ov",
	"billing:manage": "o", "org:transfer": "o", "org:delete": "o",
}

func may(role, permission string) bool {
	return role != "" && strings.Contains(holders[permission], role[:1])
}

// above reports whether role a can do more than role b.
func above(a, b string) bool { return slices.Index(roles, a) < slices.Index(roles, b) }

// canGrant: nobody grants more than they hold, and nobody is made owner.
func canGrant(by, role string) bool {
	return may(by, "invitations:manage") && role != "owner" && !above(role, by)
}

// caller is whom a credential stands for now, or why for nobody.
func (s *state) caller(c *credential) (*member, answer) {
	switch {
	case c == nil || !s.good(c) || c.seat.left || c.seat.org.deleted:
		return nil, nobody
	case c.key != nil && !slices.Contains(c.key.scopes, "manage"):
		return nil, answer{403, "scope_missing"}
	case c.key != nil && c.ceiling != "" && above(c.seat.role, c.ceiling):
		return nil, forbids // somebody else knows the secret, who may have fallen, and its holder may have risen
	}
	return c.seat, fine
}

// good reports whether the credential itself has not ended.
func (s *state) good(c *credential) bool {
	if c.key != nil {
		return !c.key.revoked && !passed(s.now, c.until) && !passed(s.now, c.key.expires)
	}
	return !c.ended && !passed(s.now, c.expires)
}

// passed reports whether a time has come; zero never does.
func passed(now, at time.Time) bool { return !at.IsZero() && !now.Before(at) }

// allowed is whom the credential stands for, if they hold the permission.
func (s *state) allowed(c *credential, permission string) (*member, answer) {
	m, a := s.caller(c)
	if a == fine && !may(m.role, permission) {
		a = forbids
	}
	return m, a
}

// statusAt is what an invitation's status is taken for: what is due has expired.
func (s *state) statusAt(i *invitation) string {
	if i.status == "pending" && passed(s.now, i.expires) {
		return "expired"
	}
	return i.status
}

// left says how an invitation left pending.
var left = map[string]answer{
	"accepted": {409, "invitation_accepted"}, "declined": {409, "invitation_declined"},
	"revoked": {410, "invitation_revoked"}, "expired": {410, "invitation_expired"},
}

// offer is the invitation that a token opens now, or why it opens none.
func (s *state) offer(token string) (*invitation, answer) {
	i := s.findInvitation(token)
	switch {
	case i == nil || i.org.purged || i.good != token:
		return i, unknown
	case i.org.deleted:
		return i, left["revoked"]
	case s.statusAt(i) != "pending":
		return i, left[s.statusAt(i)]
	}
	return i, fine
}

// inviterStands: whoever sent an invitation must be able to grant its role when it is
// accepted.
func (i *invitation) inviterStands() bool {
	m := i.org.member(i.inviter.id)
	return m != nil && canGrant(m.role, i.role)
}

// Limits on mail, as the stories set them.
const (
	mailsPerAddress = 5 // an hour, that strangers cause
	invitesPerOrg   = 9 // a day
	invitesTo       = 3 // a day, to one address
	lifetime        = 7 * 24 * time.Hour
	linkLifetime    = 15 * time.Minute
	sessionLifetime = 30 * 24 * time.Hour
	firstRetry      = time.Minute
	maxAttempts     = 11
	purgeDelay      = time.Minute
	replayed        = 24 * time.Hour
)

// toLimit and orgLimit say whether no more may be sent today: to the address, or at all.
func (s *state) toLimit(o *org, email string) bool { return o.mailed[email+" "+s.day()] >= invitesTo }
func (s *state) orgLimit(o *org) bool              { return o.mailed["all "+s.day()] >= invitesPerOrg }
func (s *state) countInvite(o *org, email string) {
	o.mailed[email+" "+s.day()]++
	o.mailed["all "+s.day()]++
}
