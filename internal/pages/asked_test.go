package pages_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// jar asks for a page without a session, and returns the cookies that the answer sets.
func jar(w *apitest.World, method, path string) []*http.Cookie {
	w.Helper()
	r := anonymous(w, method, path).Want(http.StatusSeeOther)
	if to := r.Header.Get("Location"); to != "/signin?why=session" {
		w.Fatalf("%s %s sends to %s", method, path, to)
	}
	return (&http.Response{Header: r.Header}).Cookies()
}

// signInTo signs the person in with a browser that has the cookies, and returns where it is
// sent then, and the cookies that it keeps.
func signInTo(p *apitest.Person, cookies []*http.Cookie) (location string, kept map[string]bool) {
	p.Helper()
	p.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": p.Email}, "X-Remote-Addr", apitest.Source()).Want(202)
	r := httptest.NewRequest("POST", "/signin/"+p.Mail.Token(p.Email), nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	kept = map[string]bool{}
	for _, c := range cookies {
		r.AddCookie(c)
		kept[c.Name] = true
	}
	answer := p.Send(r).Want(http.StatusSeeOther)
	for _, c := range (&http.Response{Header: answer.Header}).Cookies() {
		kept[c.Name] = c.MaxAge >= 0
	}
	return answer.Header.Get("Location"), kept
}

func TestSignIn_leadsToWhatWasAsked(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	base := browse(owner).base
	other := browse(w.SignUp("Other")).base
	for _, c := range []struct{ method, asked, want string }{
		{"GET", base + "/spend?from=2026-11-01&by=model", base + "/spend?from=2026-11-01&by=model"},
		{"GET", base + "/audit", base + "/audit"},
		{"POST", base + "/teams?do=delete", base + "/teams"},
		{"GET", base + "/audit?file=csv&action=org.created", base + "/audit"},
		{"GET", base + "/spend?file=csv&from=2026-11-01", base + "/spend"},
		{"GET", other + "/spend", base + "/team"},
		{"GET", base + "/audit?cursor=" + strings.Repeat("a", 1<<10), base + "/team"},
	} {
		location, kept := signInTo(owner.Hire("member"), jar(w, c.method, c.asked))
		if location != c.want {
			t.Errorf("%s %.60s: signed in, the browser is sent to %s, want %s", c.method, c.asked, location, c.want)
		}
		if !kept["__Host-nemo_session"] || kept["__Host-nemo_asked"] {
			t.Errorf("%s %.60s: the browser keeps %v", c.method, c.asked, kept)
		}
	}
}

// The second of two clicks finds the link spent. If the first let the browser in, it goes on.
func TestLinks_clickedTwice(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	newcomer := apitest.Address("founder")
	owner.Stranger().Do("POST", "/v1/sessions", apitest.Map{"email": owner.Email}, "X-Remote-Addr", apitest.Source()).Want(202)
	owner.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": newcomer, "org_name": "Twice"}, "X-Remote-Addr", apitest.Source()).Want(202)
	for _, path := range []string{"/signin/" + w.Mail.Token(owner.Email), "/signup/" + w.Mail.Token(newcomer)} {
		first := owner.Stranger().Browse("POST", path, "").Want(http.StatusSeeOther)
		in := owner.Stranger()
		for _, c := range (&http.Response{Header: first.Header}).Cookies() {
			if c.Name == "__Host-nemo_session" {
				in.Token = c.Value
			}
		}
		second := in.Browse("POST", path, "").Want(http.StatusSeeOther)
		if to := second.Header.Get("Location"); to != first.Header.Get("Location") {
			t.Errorf("%.8s: the second click leads to %s, the first to %s", path, to, first.Header.Get("Location"))
		}
		says(t, owner.Stranger().Browse("POST", path, "").Want(http.StatusGone), "This link no longer works")
	}
}

func TestSignIn_leadsNowhereElse(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	base := browse(owner).base
	for _, asked := range []string{
		"https://evil.example" + base + "/team", "//evil.example" + base + "/team", "/" + base + "/team", "javascript:" + base,
		`\\evil.example` + base + "/", base, base + "@evil.example/", "", "%", base + "/\r\nSet-Cookie: a=b",
	} {
		location, _ := signInTo(owner.Hire("member"), []*http.Cookie{{Name: "__Host-nemo_asked", Value: base64.RawURLEncoding.EncodeToString([]byte(asked))}})
		if location != base+"/team" {
			t.Errorf("%q sends the browser to %s", asked, location)
		}
	}
	if location, _ := signInTo(owner.Hire("member"), []*http.Cookie{{Name: "__Host-nemo_asked", Value: "/audit"}}); location != base+"/team" {
		t.Errorf("what is no base64 sends the browser to %s", location)
	}
}
