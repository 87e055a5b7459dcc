package mail

import (
	"context"
	"embed"
	"fmt"
	htmltemplate "html/template"
	"maps"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"
	"unicode"

	"github.com/nemorouter/nemo-team/internal/authz"
)

//go:embed templates
var templates embed.FS

// letter is one kind of mail, filled from a T. Its templates are {kind}.html and
// {kind}.txt; each defines "content", which the layout of its part frames. They are parsed
// when the first such mail is sent: a cold start waits for none.
type letter[T any] struct {
	kind, subject string
	html          func() *htmltemplate.Template
	text          func() *texttemplate.Template
}

// sheet is what the layouts get.
type sheet[T any] struct {
	Subject string
	Home    string
	Mail    T
}

func newLetter[T any](kind, subject string) letter[T] {
	return letter[T]{
		kind: kind, subject: subject,
		html: sync.OnceValue(func() *htmltemplate.Template {
			return htmltemplate.Must(htmltemplate.New("layout.html").
				Funcs(htmltemplate.FuncMap{"as": as, "when": when, "title": title}).
				ParseFS(templates, "templates/layout.html", "templates/"+kind+".html"))
		}),
		text: sync.OnceValue(func() *texttemplate.Template {
			return texttemplate.Must(texttemplate.New("layout.txt").
				Funcs(texttemplate.FuncMap{"line": line, "when": when, "title": title}).
				ParseFS(templates, "templates/layout.txt", "templates/"+kind+".txt"))
		}),
	}
}

// tagKind is the tag that tells mails apart where SES counts them.
const tagKind = "kind"

// send fills the letter in and mails it. The kind is always among the tags.
func (l letter[T]) send(ctx context.Context, m Mailer, to string, data T, tags map[string]string) error {
	var html, text strings.Builder
	s := sheet[T]{Subject: l.subject, Home: m.link("/"), Mail: data}
	if err := l.html().Execute(&html, s); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	if err := l.text().Execute(&text, s); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	all := map[string]string{tagKind: l.kind}
	maps.Copy(all, tags)
	return m.send(ctx, message{to: to, subject: l.subject, text: text.String(), html: html.String(), tags: all})
}

// line keeps what others chose on one line: in a text part, a name with a line break
// could pass for words of ours.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// when writes a time for readers whose zone we do not know.
func when(t time.Time) string { return t.UTC().Format("Monday, 2 January 2006, 15:04 UTC") }

// title writes a role as a label.
func title(r authz.Role) string { return strings.ToUpper(string(r[:1])) + string(r[1:]) }
