package pages

import (
	"html/template"
	"strings"
)

// What every row of a long table holds is written here: a template takes a call by
// reflection for each value, four for each link, and a page of 50 members has 400 links.
// This and nothing else is markup that no template escapes.

// menu is what can be done to the thing in a row. It holds paths of our own, made by link.
type menu []action

// HTML is the menu as a list of links.
func (m menu) HTML() template.HTML {
	var b strings.Builder
	b.WriteString(`<div class="menu-list">`)
	for _, a := range m {
		b.WriteString(`<a href="`)
		b.WriteString(template.HTMLEscapeString(a.Href))
		b.WriteString(`">`)
		b.WriteString(template.HTMLEscapeString(a.Label))
		b.WriteString(`</a>`)
	}
	b.WriteString(`</div>`)
	return template.HTML(b.String())
}

// HTML is the time as an element. It is made of digits and the names of months.
func (m moment) HTML() template.HTML {
	style := ""
	if m.Style != "" {
		style = ` data-style="` + m.Style + `"`
	}
	return template.HTML(`<time datetime="` + m.Machine + `"` + style + `>` + m.Human + `</time>`)
}
