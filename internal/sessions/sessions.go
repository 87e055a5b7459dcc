// Package sessions knows how people sign in: with a link in a mail, once, into a session
// that lasts until it expires, is ended, or its membership ends.
package sessions

import (
	"net/netip"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/secret"
)

const (
	// Lifetime of a session.
	Lifetime = 30 * 24 * time.Hour
	// LinkLifetime is how long a sign-in or sign-up link is good.
	LinkLifetime = 15 * time.Minute

	tokenKind = "nemo_session_"
	linkKind  = "nemo_link_"
)

// Session is one sign-in of a member, without its secret.
type Session struct {
	ID         string    `json:"id"`
	OrgID      string    `json:"org_id"`
	UserID     string    `json:"user_id"`
	Hash       string    `json:"hash"`       // of the token
	Generation string    `json:"generation"` // the member's, at sign-in
	CreatedAt  time.Time `json:"created_at"`
	ExpiresAt  time.Time `json:"expires_at"`
	IP         string    `json:"ip,omitempty"`
	UserAgent  string    `json:"user_agent,omitempty"`
}

// Issued is a session with its token, which is shown once.
type Issued struct {
	Session
	Token string `json:"-"`
}

// Token opens a session: it names the user's and the org's rows.
type Token struct{ UserID, OrgID, SessionID, Hash string }

// ParseToken reads a session's token.
func ParseToken(s string) (Token, bool) {
	t, ok := secret.ParseToken(tokenKind, 3, s)
	if !ok {
		return Token{}, false
	}
	return Token{UserID: t.IDs[0], OrgID: t.IDs[1], SessionID: t.IDs[2], Hash: t.Hash}, true
}

// Issue makes a session of m, not stored yet.
func Issue(now time.Time, m members.Member, r authz.Request) Issued {
	id := ident.New(now)
	token := secret.NewToken(tokenKind, m.UserID, m.OrgID, id)
	return Issued{Token: token, Session: Session{
		ID: id, OrgID: m.OrgID, UserID: m.UserID, Hash: secret.Hash(token),
		Generation: m.Sessions, CreatedAt: now, ExpiresAt: now.Add(Lifetime),
		IP: r.IP, UserAgent: r.UserAgent,
	}}
}

// Good reports whether the session works at now, with the token of hash, for the member.
func (s Session) Good(now time.Time, hash string, m members.Member) bool {
	return s.Hash == hash && s.UserID == m.UserID && s.Generation == m.Sessions && now.Before(s.ExpiresAt)
}

// Purpose is what an emailed link confirms.
type Purpose string

// The purposes.
const (
	SignIn Purpose = "sign_in"
	SignUp Purpose = "sign_up"
)

// Link is a one-time link that was, or only seems to have been, mailed to an address:
// one is stored for every request, so that the work tells nothing.
type Link struct {
	Hash      string    `json:"hash"`
	Purpose   Purpose   `json:"purpose"`
	Email     string    `json:"email"`
	OrgName   string    `json:"org_name,omitempty"`
	ExpiresAt time.Time `json:"expires_at"`
}

// ErrLink is the fault of every link that does not work, whatever the reason.
var ErrLink = fault.New(fault.Gone, "link_invalid", "This link has expired, was used, or is not whole. Ask for a new one.")

// NewLink makes a link and its token.
func NewLink(now time.Time, p Purpose, email string) (Link, string) {
	token := secret.NewToken(linkKind)
	return Link{Hash: secret.Hash(token), Purpose: p, Email: email, ExpiresAt: now.Add(LinkLifetime)}, token
}

// LinkHash returns the hash under which the link of token is stored, or ErrLink.
func LinkHash(token string) (string, error) {
	t, ok := secret.ParseToken(linkKind, 0, token)
	if !ok {
		return "", ErrLink
	}
	return t.Hash, nil
}

// Good reports whether the link may be used for p at now.
func (l Link) Good(now time.Time, p Purpose) bool { return l.Purpose == p && now.Before(l.ExpiresAt) }

// Limits on mails that strangers can make us send. They are counted in the table, with
// the link, and fail closed.
const (
	MailsPerAddress = 5
	MailsPerSource  = 30
	MailWindow      = time.Hour
)

// Source is what a network address is counted under: an IPv6 host chooses freely among
// the addresses of its /64, so the whole /64 counts as one.
func Source(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return "unknown"
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	prefix, _ := addr.Prefix(64) // 64 is valid for every IPv6 address
	return prefix.String()
}

// Target names the session in audit entries.
func (s Session) Target(email string) audit.Target {
	return audit.Target{Type: audit.Session, ID: s.ID, Name: email}
}
