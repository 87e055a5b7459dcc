package pages

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/nemorouter/nemo-team/internal/sessions"
)

// askedCookie is where the browser keeps the page that its reader had to sign in for.
const askedCookie = "__Host-nemo_asked"

// maxAsked bounds what is kept of it, in bytes.
const maxAsked = 1 << 10

// signInFirst sends the reader to sign in, and to the page that they asked for after that.
// A form is not sent again, and a file is not what signing in should end with: their page is
// shown.
func signInFirst(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.EscapedPath()
	if r.Method == http.MethodGet && r.URL.Query().Get("file") == "" {
		asked = r.URL.RequestURI()
	}
	if len(asked) <= maxAsked {
		setAsked(w, base64.RawURLEncoding.EncodeToString([]byte(asked)), int(2*sessions.LinkLifetime.Seconds())) // a second mail may be needed
	}
	toSignInWith(w, r, "session")
}

func setAsked(w http.ResponseWriter, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: askedCookie, Value: value, MaxAge: seconds,
		Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// takeAsked forgets the page that the reader asked for, and returns it if it is one of the
// org's, or else the org's team page.
func takeAsked(w http.ResponseWriter, r *http.Request, slug string) string {
	home := "/" + slug + "/"
	c, err := r.Cookie(askedCookie)
	if err != nil {
		return home + "team"
	}
	setAsked(w, "", -1)
	asked, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return home + "team"
	}
	u, err := url.ParseRequestURI(string(asked))
	if err != nil || u.Host != "" || !strings.HasPrefix(u.Path, home) {
		return home + "team"
	}
	return u.RequestURI()
}
