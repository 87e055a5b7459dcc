// Package docs makes the page that explains the API to people, from the API's own OpenAPI
// document, the table of roles and the list of error codes.
//
// The page is one document with a style sheet beside it: no script, nothing from another
// host, nothing inline, so its Content-Security-Policy allows next to nothing.
package docs

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/asset"
)

// Source is what the page is made from.
type Source struct {
	API     *huma.OpenAPI
	BaseURL string // origin of the API; empty shows a placeholder
	Codes   []Code // all that a problem document may carry, sorted
}

// Code is one stable error code.
type Code struct {
	Code   string
	Status int
	Words  []string // what it says to people; several if it is said in several places
}

// Title is the status in words.
func (c Code) Title() string { return http.StatusText(c.Status) }

//go:embed page.html parts.html
var templates embed.FS

// policy lets the page load our style sheet and icon, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; " +
	"form-action 'none'; frame-ancestors 'none'; base-uri 'none'"

// Page renders the page and returns what serves it.
func Page(s Source) http.Handler {
	page := asset.NewDocument("text/html; charset=utf-8", render(s))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cache-Control", "public, max-age=300")
		page.ServeHTTP(w, r)
	})
}

// render panics where the page cannot be made of its source, which a test has made.
func render(s Source) []byte {
	t := template.Must(template.New("page.html").Funcs(template.FuncMap{"asset": Assets.URL, "anchor": anchor}).ParseFS(templates, "*.html"))
	var b bytes.Buffer
	if err := t.Execute(&b, newView(s)); err != nil {
		panic("docs: the page cannot be rendered: " + err.Error())
	}
	return b.Bytes()
}
