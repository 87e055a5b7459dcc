package web

import (
	"net"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/sessions"
)

// sessionCookie has the prefix with which browsers refuse a cookie that is not Secure, not
// for this host alone or not for all paths. They count http://localhost as secure.
const sessionCookie = "__Host-nemo_session"

// SetSession hands the session to the browser.
func SetSession(w http.ResponseWriter, s sessions.Issued) {
	http.SetCookie(w, SessionCookie(s))
}

// SessionCookie is the cookie that holds the session. Lax lets links in mails arrive
// signed in, and keeps it out of other sites' posts.
func SessionCookie(s sessions.Issued) *http.Cookie {
	c := bareCookie()
	c.Value, c.Expires = s.Token, s.ExpiresAt
	return c
}

// ForgottenCookie makes the browser forget its session.
func ForgottenCookie() *http.Cookie {
	c := bareCookie()
	c.MaxAge = -1
	return c
}

func bareCookie() *http.Cookie {
	return &http.Cookie{Name: sessionCookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// SessionToken returns the session's token that the browser sent, or "".
func SessionToken(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// Origin tells where a request came from, for the audit trail. The request's id is in its
// context.
func Origin(r *http.Request) authz.Request {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil { // API Gateway's adapter sets the address alone
		host = r.RemoteAddr
	}
	return authz.Request{RequestID: RequestID(r.Context()), IP: host, UserAgent: clip(r.UserAgent(), maxUserAgent)}
}

// maxUserAgent bounds what of a header is kept in the audit trail, in bytes.
const maxUserAgent = 256

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
