package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// In returns the world as a subtest sees it: failures are the subtest's.
func (w *World) In(t testing.TB) *World {
	within := *w
	within.TB = t
	return &within
}

// In returns the person as a subtest sees them.
func (p *Person) In(t testing.TB) *Person {
	within := *p
	within.World = p.World.In(t)
	return &within
}

// Cast is an org with one person of each role.
type Cast struct{ Owner, Admin, Member, Viewer *Person }

// Cast founds an org and hires one person of each role.
func (w *World) Cast() Cast {
	w.Helper()
	owner := w.SignUp("Acme")
	return Cast{owner, owner.Hire("admin"), owner.Hire("member"), owner.Hire("viewer")}
}

// In returns the cast as a subtest sees it.
func (c Cast) In(t testing.TB) Cast {
	return Cast{c.Owner.In(t), c.Admin.In(t), c.Member.In(t), c.Viewer.In(t)}
}

// As returns who has the role.
func (c Cast) As(role string) *Person {
	return map[string]*Person{"owner": c.Owner, "admin": c.Admin, "member": c.Member, "viewer": c.Viewer}[role]
}

// Source is an address that nobody has sent from before, for X-Remote-Addr.
func Source() string { return freshSource() }

// NoID is an id that nothing has.
func (w *World) NoID() string { return ident.New(w.Clock.Now()) }

// Rows returns the rows of a list's page.
func (r *Reply) Rows() []Map {
	r.w.Helper()
	var page struct{ Data []Map }
	r.Decode(&page)
	return page.Data
}

// Pages walks a list to its end and returns its pages.
func (p *Person) Pages(path string) (pages [][]Map) {
	p.Helper()
	const tooMany = 1000
	joint := "?"
	if strings.Contains(path, "?") {
		joint = "&"
	}
	for cursor := ""; len(pages) < tooMany; {
		at := path
		if cursor != "" {
			at += joint + "cursor=" + url.QueryEscape(cursor)
		}
		r := p.Do("GET", at, nil).Want(200)
		pages = append(pages, r.Rows())
		if cursor = r.Get("next_cursor"); cursor == "" {
			return pages
		}
	}
	p.Fatalf("%s does not end", path)
	return nil
}

// List returns all rows of a list.
func (p *Person) List(path string) (rows []Map) {
	p.Helper()
	for _, page := range p.Pages(path) {
		rows = append(rows, page...)
	}
	return rows
}

// Recorded counts the audit entries of an action.
func (p *Person) Recorded(action string) int {
	p.Helper()
	return len(p.List("/v1/audit?action=" + action))
}

// Column returns the values that the rows have at a name.
func Column(rows []Map, name string) []string {
	values := make([]string, len(rows))
	for i, row := range rows {
		values[i], _ = row[name].(string)
	}
	return values
}

// Items returns everything that is stored, by key.
func (w *World) Items() map[string]string {
	w.Helper()
	items := map[string]string{}
	for _, row := range w.Rows() {
		items[row.Text("pk")+" / "+row.Text("sk")] = fmt.Sprint(row)
	}
	return items
}

// Browse sends a request as the person's browser: with the session cookie, no bearer token.
func (p *Person) Browse(method, path, body string, headers ...string) *Reply {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = freshSource()
	r.Header.Set("Content-Type", "application/json")
	r.AddCookie(&http.Cookie{Name: "__Host-nemo_session", Value: p.Token})
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.Send(r)
}

// Row is what a bulk answer says of one row, as if it had been asked for alone.
func (r *Reply) Row(i int) *Reply {
	r.w.Helper()
	var bulk struct {
		Results []struct {
			Row        int
			Status     int
			Invitation json.RawMessage
			Error      json.RawMessage
		}
	}
	r.Want(200).Decode(&bulk)
	if i >= len(bulk.Results) || bulk.Results[i].Row != i {
		r.w.Fatalf("no result for row %d: %s", i, r.Body)
	}
	row := bulk.Results[i]
	alone := &Reply{Status: row.Status, Header: http.Header{}, Body: row.Invitation, w: r.w}
	if row.Invitation == nil {
		alone.Body = row.Error
		alone.Header.Set("Content-Type", "application/problem+json")
	}
	return alone
}

// WithKeyFor creates a key for another person and returns them using it, and its id.
func (p *Person) WithKeyFor(holder *Person, scopes ...string) (*Person, string) {
	p.Helper()
	r := p.Do("POST", "/v1/keys", Map{"name": "a key", "scopes": scopes, "user_id": holder.ID}).Want(201)
	again := *holder
	again.Token = r.Get("key")
	return &again, r.Get("id")
}

// EditAtLength edits a key so many times, to models whose names take as much room in the
// record, and in a body that is a string of JSON, as they may.
func (p *Person) EditAtLength(id string, times int) {
	p.Helper()
	for i := range times {
		models := make([]string, keys.MaxModels)
		for j := range models {
			number := fmt.Sprint(i, "-", j)
			models[j] = strings.Repeat(`"`, keys.MaxModelNames/keys.MaxModels-len(number)) + number
		}
		p.Do("PATCH", "/v1/keys/"+id, Map{"models": models}).Want(200)
	}
}
