package pages

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/web"
)

//go:embed templates
var templateFiles embed.FS

// page is a template that is filled from a T and nothing else.
type page[T any] struct {
	template func() *template.Template // parsed when it is first shown: a cold start waits for none
	zip      bool
}

var functions = template.FuncMap{
	"asset":  assets.URL,
	"label":  roleLabel,
	"utc":    utc,
	"date":   date,
	"minute": minute,
	"plural": plural,
}

// lobby is what the public pages share, and board what those of an org do: the layout and
// its parts.
var (
	lobby = layout("lobby.html")
	board = layout("board.html", "templates/board_parts.html")
)

func layout(file string, more ...string) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		files := append([]string{"templates/" + file, "templates/parts.html"}, more...)
		return template.Must(template.New(file).Funcs(functions).ParseFS(templateFiles, files...))
	})
}

// newPage parses a page, which defines "title" and "content" for the lobby's layout.
func newPage[T any](file string) page[T] { return page[T]{template: within(lobby, file)} }

// newBoardPage parses a page, which defines "content" for the board's layout.
func newBoardPage[T any](file string) page[T] { return page[T]{within(board, file), true} }

func within(layout func() *template.Template, file string) func() *template.Template {
	return sync.OnceValue(func() *template.Template {
		t := template.Must(layout().Clone())
		return template.Must(t.ParseFS(templateFiles, "templates/"+file))
	})
}

// render writes the page whole or not at all: a template that fails leaves no half page.
func (p page[T]) render(w http.ResponseWriter, r *http.Request, status int, data T) {
	var b bytes.Buffer
	if err := p.template().Execute(&b, data); err != nil {
		slog.ErrorContext(r.Context(), "page not rendered", "route", r.Pattern,
			"request_id", web.RequestID(r.Context()), "error", err)
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
		return
	}
	h, body := w.Header(), b.Bytes()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if p.zip {
		var is bool
		if body, is = zipped(r, body); is {
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("Vary", "Accept-Encoding")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only when the reader went away
}

// moment is a time as the pages show it: in UTC, and in the reader's zone where their
// browser runs our script, which knows the styles too. Without Machine it is the same for all.
type moment struct{ Machine, Human, Style string }

func utc(t time.Time) moment    { return styled(t, "", "Monday, 2 January 2006 at 15:04 UTC") }
func date(t time.Time) moment   { return styled(t, "date", "2 Jan 2006") }
func minute(t time.Time) moment { return styled(t, "minute", "2 Jan 2006, 15:04 UTC") }

// dayOfUTC is a day and no time of it: in another zone it would become its neighbor.
func dayOfUTC(t time.Time) moment { return moment{Human: t.Format("2 Jan 2006")} }

func styled(t time.Time, style, form string) moment {
	return moment{t.UTC().Format(time.RFC3339), t.UTC().Format(form), style}
}

// roleLabel writes a role as a label: "Admin".
func roleLabel(r authz.Role) string { return sentence(string(r)) }

// sentence begins s with a capital.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
