package pages

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// paths are all pages that can be read, one for each GET route.
func (w *world) paths() []string {
	return []string{
		"/", "/signin", "/signup",
		"/signin/" + w.linkToken, "/signup/" + w.linkToken, "/invite/" + w.inviteToken,
	}
}

func TestPublic_readingChangesNothing(t *testing.T) {
	w := newWorld()
	for _, path := range w.paths() {
		for _, method := range []string{"GET", "HEAD"} {
			if rec := w.do(method, path, nil); rec.Code >= 400 || rec.Header().Get("Set-Cookie") != "" {
				t.Errorf("%s %s: %d, cookie %q", method, path, rec.Code, rec.Header().Get("Set-Cookie"))
			}
		}
	}
	if w.writes+w.mails > 0 {
		t.Errorf("reading wrote %d times and sent %d mails", w.writes, w.mails)
	}
}

// A page under a sign-in link must not even tell whether the link is good.
func TestPublic_linkPagesReadNothing(t *testing.T) {
	w := newWorld()
	w.get("/signin/" + w.linkToken)
	w.get("/signup/" + w.linkToken)
	if w.reads > 0 {
		t.Error("the page looked the link up")
	}
}

func TestPublic_headers(t *testing.T) {
	w := newWorld()
	recs := map[string]http.Header{"POST /signin": w.post("/signin", "email", "bob@acme.com").Header()}
	for _, path := range append(w.paths(), "/invite/nonsense", "/assets/nonsense") {
		recs["GET "+path] = w.get(path).Header()
	}
	for name, h := range recs {
		for header, want := range map[string]string{
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		} {
			if h.Get(header) != want {
				t.Errorf("%s: %s is %q", name, header, h.Get(header))
			}
		}
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", name, csp)
		}
	}
}

var (
	inline  = regexp.MustCompile(`<style|<script>| style=| on[a-z]+=|javascript:`)
	foreign = regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//`)
)

func TestPublic_pagesObeyTheirPolicy(t *testing.T) {
	w := newWorld()
	for _, path := range append(w.paths(), "/invite/nonsense") {
		body := w.get(path).Body.String()
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has inline %q", path, found)
		}
		if found := foreign.FindString(body); found != "" {
			t.Errorf("%s reaches elsewhere: %q", path, found)
		}
		if path != "/" && !strings.Contains(body, `<script src="/assets/app.`) { // it sends a form once
			t.Errorf("%s loads no script", path)
		}
	}
}

func TestPublic_assetsLastForEver(t *testing.T) {
	w := newWorld()
	page := w.get("/invite/" + w.inviteToken).Body.String()
	urls := regexp.MustCompile(`/assets/[a-z]+\.[0-9a-f]{16}\.(css|js|svg)`).FindAllString(page, -1)
	if len(urls) != 3 {
		t.Fatalf("assets %v, want a style sheet, a script and an icon", urls)
	}
	size := len(page)
	for _, url := range urls {
		rec := w.get(url)
		wantStatus(t, rec, http.StatusOK)
		if got := rec.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", url, got)
		}
		size += rec.Body.Len()
	}
	if size > 60_000 {
		t.Errorf("a first visit takes %d bytes", size)
	}
	wantStatus(t, w.get("/assets/app.css"), http.StatusNotFound)
	wantStatus(t, w.get("/assets/app.0000000000000000.css"), http.StatusNotFound)
}

func TestPublic_refusesPostsOfOtherSites(t *testing.T) {
	w := newWorld()
	for _, path := range []string{"/signin", "/signin/" + w.linkToken, "/invite/" + w.inviteToken} {
		r := httptest.NewRequest("POST", path, nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		rec := httptest.NewRecorder()
		w.handler().ServeHTTP(rec, r)
		wantStatus(t, rec, http.StatusForbidden)
	}
	if w.writes+w.mails > 0 {
		t.Error("another site's post did something")
	}
}
