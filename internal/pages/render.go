package pages

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/web"
)

//go:embed templates
var templateFiles embed.FS

// page is a template that is filled from a T and nothing else.
type page[T any] struct{ template *template.Template }

// lobby is what the public pages share: the layout and its parts.
var lobby = template.Must(template.New("lobby.html").Funcs(template.FuncMap{
	"asset": assetURL,
	"label": roleLabel,
	"utc":   utc,
}).ParseFS(templateFiles, "templates/lobby.html", "templates/parts.html"))

// newPage parses a page, which defines "title" and "content" for the lobby's layout.
func newPage[T any](file string) page[T] {
	t := template.Must(lobby.Clone())
	return page[T]{template.Must(t.ParseFS(templateFiles, "templates/"+file))}
}

// render writes the page whole or not at all: a template that fails leaves no half page.
func (p page[T]) render(w http.ResponseWriter, r *http.Request, status int, data T) {
	var b bytes.Buffer
	if err := p.template.Execute(&b, data); err != nil {
		slog.ErrorContext(r.Context(), "page not rendered", "route", r.Pattern,
			"request_id", web.RequestID(r.Context()), "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // fails only when the reader went away
}

// moment is a time as the pages show it: in UTC, and in the reader's zone where their
// browser runs our script.
type moment struct{ Machine, Human string }

func utc(t time.Time) moment {
	return moment{t.UTC().Format(time.RFC3339), t.UTC().Format("Monday, 2 January 2006 at 15:04 UTC")}
}

// roleLabel writes a role as a label: "Admin".
func roleLabel(r authz.Role) string { return strings.ToUpper(string(r[:1])) + string(r[1:]) }
