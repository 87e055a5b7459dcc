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

// anchor is a link within a sentence or a cell, or its label alone where it leads nowhere.
type anchor action

// HTML is the link as an element.
func (a anchor) HTML() template.HTML {
	if a.Href == "" {
		return template.HTML(`<span>` + template.HTMLEscapeString(a.Label) + `</span>`)
	}
	return template.HTML(`<a class="quiet" href="` + template.HTMLEscapeString(a.Href) + `">` + template.HTMLEscapeString(a.Label) + `</a>`)
}

// HTML is the person with a picture of their initial, and their address below their name.
func (p person) HTML() template.HTML {
	var b strings.Builder
	b.WriteString(`<span class="person"><span class="avatar" aria-hidden="true">`)
	b.WriteString(template.HTMLEscapeString(p.Initial))
	b.WriteString(`</span><span class="person-text"><span class="person-name">`)
	b.WriteString(template.HTMLEscapeString(p.Display))
	if p.You {
		b.WriteString(` <span class="badge badge-plain">You</span>`)
	}
	b.WriteString(`</span>`)
	if p.Email != "" {
		b.WriteString(`<span class="person-mail">` + template.HTMLEscapeString(p.Email) + `</span>`)
	}
	b.WriteString(`</span></span>`)
	return template.HTML(b.String())
}

// HTML is the badge; one without a label is nothing.
func (b badge) HTML() template.HTML {
	if b.Label == "" {
		return ""
	}
	return template.HTML(`<span class="badge badge-` + b.Tone + `">` + template.HTMLEscapeString(b.Label) + `</span>`)
}

// HTML is the time as an element. It is made of digits and the names of months.
func (m moment) HTML() template.HTML {
	if m.Machine == "" {
		return template.HTML(m.Human)
	}
	style := ""
	if m.Style != "" {
		style = ` data-style="` + m.Style + `"`
	}
	return template.HTML(`<time datetime="` + m.Machine + `"` + style + `>` + m.Human + `</time>`)
}
