package pages

import (
	"encoding/csv"
	"strings"
)

// personLine is one person to invite, as a line or a cell says.
type personLine struct {
	Raw               string // to be shown, and put back into the form
	Email, Role, Team string
}

// columns are where a list keeps what: as a header says, or by the order of those without.
type columns struct {
	email, role, team int
	header            bool
}

// plain is the order without a header: address, role, team.
var plain = columns{0, 1, 2, false}

// legible makes all ends of lines alike, and drops the mark that files of spreadsheets begin
// with, which may be anywhere once lists are put together.
var legible = strings.NewReplacer("\r", "\n", "\ufeff", "")

// parsePeople reads what people paste: addresses by lines, commas or blanks, "Ada
// <ada@example.com>", and tables from spreadsheets with or without a header.
func parsePeople(text string) []personLine {
	var lines []personLine
	at := plain
	for _, raw := range strings.Split(legible.Replace(text), "\n") {
		if strings.TrimSpace(raw) == "" {
			continue
		}
		if !at.header { // under one, a tab in front means an empty cell
			raw = strings.TrimSpace(raw)
		}
		cells := split(raw)
		if header, ok := headerOf(cells); ok {
			at = header
			continue
		}
		lines = append(lines, at.people(raw, cells)...)
	}
	return lines
}

// split cuts a line at tabs, semicolons or commas, whichever it has.
func split(line string) []string {
	comma := ','
	for _, c := range "\t;" {
		if strings.ContainsRune(line, c) {
			comma = c
			break
		}
	}
	r := csv.NewReader(strings.NewReader(line))
	r.Comma, r.LazyQuotes, r.TrimLeadingSpace = comma, true, comma != '\t' // tabs are space, too
	cells, err := r.Read()
	if err != nil {
		return []string{line}
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// headerOf reads a line that names columns: one of them is the address, and none holds one.
func headerOf(cells []string) (columns, bool) {
	at := columns{-1, -1, -1, true}
	for i, c := range cells {
		if strings.Contains(c, "@") {
			return plain, false
		}
		switch strings.ToLower(c) {
		case "email", "e-mail", "mail", "email address", "address":
			at.email = i
		case "role":
			at.role = i
		case "team", "team_id":
			at.team = i
		}
	}
	return at, at.email >= 0
}

// people are those on one line: several only where no header says that its other cells are
// something else.
func (at columns) people(raw string, cells []string) []personLine {
	if !at.header {
		if several := addresses(raw, cells); len(several) > 1 {
			var lines []personLine
			for _, a := range several {
				lines = append(lines, personLine{Raw: a, Email: bare(a)})
			}
			return lines
		}
	}
	cell := func(i int) string {
		if i >= 0 && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	l := personLine{Raw: raw, Email: bare(cell(at.email)), Role: cell(at.role), Team: cell(at.team)}
	if at.header { // it does not come back with the line
		l.Raw = l.plain()
	}
	return []personLine{l}
}

// plain is the line as parsePeople reads it without a header. Between tabs, cells may hold
// commas and semicolons.
func (l personLine) plain() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = '\t'
	_ = w.Write([]string{l.Email, l.Role, l.Team}) // a Builder takes everything
	w.Flush()
	return strings.TrimSpace(b.String())
}

// addresses are the parts of a line that is nothing but addresses.
func addresses(raw string, cells []string) []string {
	if len(cells) == 1 && !strings.Contains(raw, "<") {
		cells = strings.Fields(raw)
	}
	for _, c := range cells {
		if !strings.Contains(c, "@") {
			return nil
		}
	}
	return cells
}

// bare takes the address out of "Ada <ada@example.com>".
func bare(s string) string {
	if _, after, ok := strings.Cut(s, "<"); ok {
		if address, _, ok := strings.Cut(after, ">"); ok {
			return strings.TrimSpace(address)
		}
	}
	return s
}
