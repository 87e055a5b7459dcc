package pages_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/web"
)

// What a browser loads, in bytes on the wire.
const (
	firstVisit = 60_000 // the page and its assets
	nextVisit  = 15_000 // the page alone: its assets are kept
	manual     = 20_000 // the page of the whole API, which browsers keep for minutes
)

// files are what the routes of pages serve that is no page.
var files = []string{"/assets/{file}", "/docs/{file}", "/openapi.json", "/openapi.yaml"}

// pagePaths are what people open of each route.
func pagePaths(t *testing.T, base, invitation string) map[string]string {
	t.Helper()
	examples := map[string]string{"/signin/{token}": "/signin/nemo_link_x", "/signup/{token}": "/signup/nemo_link_x", "/invite/{token}": "/invite/" + invitation, "/{$}": "/"}
	paths := map[string]string{}
	for _, part := range append(catalog.Parts(), web.Docs{}) {
		api := web.NewAPI(web.Config{})
		part.Mount(api)
		for _, r := range api.Routes() {
			if r.Operation != "" || r.Method != http.MethodGet || slices.Contains(files, r.Path) {
				continue
			}
			paths[r.Path] = strings.Replace(r.Path, "/{org}", base, 1)
			if example := examples[r.Path]; example != "" {
				paths[r.Path] = example
			}
			if strings.Contains(paths[r.Path], "{") {
				t.Errorf("what is an example of %s?", r.Path)
			}
		}
	}
	return paths
}

// Every page that there is a route to is small, on the first visit and after. What they hold
// when they are full, TestBoard_fullPagesAreSmall measures.
func TestPages_areSmallOnTheWire(t *testing.T) {
	cast := castWithThings(t)
	b := browse(cast.Owner)
	guest := apitest.Address("invitee")
	b.Invite(guest, "member")
	paths := pagePaths(t, b.base, b.Mail.Token(guest))
	if len(paths) < 14 {
		t.Fatalf("only %d routes are pages: %v", len(paths), paths)
	}
	for _, route := range slices.Sorted(maps.Keys(paths)) {
		most := nextVisit
		if route == "/docs" {
			most = manual
		}
		b.visits(t, route, paths[route], most)
	}
	b.visits(t, "unknown", "/nonsense", nextVisit)
}

// visits loads a page as a browser does that was never here, follows where it is sent, and
// fails the test if that is more than it should be.
func (b browser) visits(t *testing.T, route, path string, mostOfPage int) {
	t.Helper()
	page := b.load(t, path)
	for page.Status == http.StatusSeeOther {
		page = b.load(t, page.Header.Get("Location"))
	}
	if !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("%s is no page: %s", route, page.Header.Get("Content-Type"))
	}
	html, assets := plain(t, page), 0
	if !strings.HasSuffix(strings.TrimSpace(html), "</html>") {
		t.Errorf("%s is not whole", route)
	}
	for _, url := range loaded.FindAllStringSubmatch(html, -1) {
		asset := b.load(t, url[1]).Want(200)
		if asset.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %s is loaded again each time", route, url[1])
		}
		if asset.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %s is not compressed", route, url[1])
		}
		assets += len(asset.Body)
	}
	if assets == 0 {
		t.Errorf("%s has no assets", route)
	}
	size := len(page.Body)
	t.Logf("%-20s %6d bytes, and %6d of assets", route, size, assets)
	if size > mostOfPage {
		t.Errorf("%s takes %d bytes", route, size)
	}
	if size+assets > firstVisit {
		t.Errorf("a first visit of %s takes %d bytes", route, size+assets)
	}
}

// loaded are the files that a browser gets for a page.
var loaded = regexp.MustCompile(`<(?:link|script)[^>]* (?:href|src)="(/[^"]+)"`)

func (b browser) load(t *testing.T, path string) *apitest.Reply {
	t.Helper()
	return b.Browse("GET", path, "", "Accept", "text/html,*/*;q=0.8", "Accept-Encoding", "gzip, deflate, br")
}

// plain is an answer's body, unpacked.
func plain(t *testing.T, r *apitest.Reply) string {
	t.Helper()
	if r.Header.Get("Content-Encoding") != "gzip" {
		return string(r.Body)
	}
	return string(unpacked(t, r.Body))
}

// A full page must be quick on a phone, also where nothing between compresses.
func TestBoard_fullPagesAreSmall(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	var list []apitest.Map
	for i := range 60 {
		list = append(list, apitest.Map{"email": apitest.Address(fmt.Sprint("somebody.with.a.long.name", i)), "role": "member"})
	}
	b.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": list}).Want(200)
	for _, row := range list[:50] {
		b.Join(row["email"].(string))
	}
	for i := range 40 { // a month of many models, keys and names
		spendsAt(b.Person, fmt.Sprintf("some-provider/some-model-%d", i), fmt.Sprintf("%d.123", i+1), b.Clock.Now().AddDate(0, 0, -i*3/4))
	}
	year := b.Clock.Now().AddDate(-1, 0, 1).Format(time.DateOnly)
	for _, path := range []string{"/team", "/team?view=invitations", "/audit", "/keys", "/spend?range=90d", "/spend?from=" + year, "/spend?range=30d&by=key", "/teams", "/billing", "/settings"} {
		b.visits(t, path, b.base+path, nextVisit)
	}
}

func unpacked(t *testing.T, zipped []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(zipped))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
