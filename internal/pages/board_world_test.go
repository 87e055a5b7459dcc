package pages_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestMain(m *testing.M) { apitest.Main(m) }

// browser is somebody's browser, without JavaScript.
type browser struct {
	*apitest.Person
	base string // the org's path
}

func browse(p *apitest.Person) browser {
	return browser{p, "/" + p.Do("GET", "/v1/org", nil).Want(200).Get("slug")}
}

// open reads a page of the org.
func (b browser) open(page string) *apitest.Reply { return b.Browse("GET", b.base+page, "") }

// send posts a form of the org.
func (b browser) send(page string, namesAndValues ...string) *apitest.Reply {
	form := url.Values{}
	for i := 0; i < len(namesAndValues); i += 2 {
		form.Add(namesAndValues[i], namesAndValues[i+1])
	}
	return b.Browse("POST", b.base+page, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// upload posts a form with a file.
func (b browser) upload(page, file string, namesAndValues ...string) *apitest.Reply {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(namesAndValues); i += 2 {
		_ = w.WriteField(namesAndValues[i], namesAndValues[i+1])
	}
	part, _ := w.CreateFormFile("file", "people.csv")
	_, _ = part.Write([]byte(file))
	_ = w.Close()
	return b.Browse("POST", b.base+page, body.String(), "Content-Type", w.FormDataContentType())
}

// anonymous reads a page without a session.
func anonymous(w *apitest.World, method, path string) *apitest.Reply {
	return w.Send(httptest.NewRequest(method, path, nil))
}

// done checks that a post ended in a redirect with the code, and that the page then says so.
func done(t *testing.T, b browser, r *apitest.Reply, code string) {
	t.Helper()
	r.Want(http.StatusSeeOther)
	to := r.Header.Get("Location")
	if !strings.Contains(to, "done="+code) {
		t.Fatalf("sent to %s, want done=%s", to, code)
	}
	says(t, b.Browse("GET", to, "").Want(200), `role="status"`)
}

func says(t *testing.T, r *apitest.Reply, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(string(r.Body)), text) {
			t.Errorf("the page does not say %q:\n%s", text, r.Body)
		}
	}
}

func silent(t *testing.T, r *apitest.Reply, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(html.UnescapeString(string(r.Body)), text) {
			t.Errorf("the page says %q", text)
		}
	}
}

var (
	links = regexp.MustCompile(`href="([^"]+)"`)
	does  = regexp.MustCompile(`(?:name="do" value="|[?;&]do=)([\w-]+)`)
)

// offered are the things that a page lets its reader do, and the links to its other pages.
func offered(r *apitest.Reply) (do map[string]bool, hrefs []string) {
	do = map[string]bool{}
	for _, found := range does.FindAllStringSubmatch(string(r.Body), -1) {
		do[found[1]] = true
	}
	for _, found := range links.FindAllStringSubmatch(string(r.Body), -1) {
		hrefs = append(hrefs, html.UnescapeString(found[1]))
	}
	return do, hrefs
}
