package pages

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/names"
	lists "github.com/nemorouter/nemo-team/internal/page"
	"github.com/nemorouter/nemo-team/internal/web"
)

// Dashboard is the function for all pages: the public ones, and those of an org for its
// members, over the same operations as the API.
type Dashboard struct {
	Public
	Orgs     web.Orgs
	Members  web.Members
	Invites  web.Invites
	Keys     web.Keys
	Budgets  web.Budgets
	Reports  web.Reports
	Sessions web.Sessions
	Seen     members.Watcher
}

// orgRoute is a page below an org's slug. What it does to one thing, it is told by the
// form's or the query's "do" and "id": so there are few patterns, and none of them meets
// one of the API's.
type orgRoute struct {
	pattern string
	serve   func(visit) error
}

func (d Dashboard) orgRoutes() []orgRoute {
	return []orgRoute{
		{"GET /{org}/team", d.getPeople},
		{"POST /{org}/team", d.postPeople},
		{"GET /{org}/keys", d.getKeys},
		{"POST /{org}/keys", d.postKeys},
		{"GET /{org}/spend", d.getSpend},
		{"POST /{org}/spend", d.postSpend},
		{"GET /{org}/billing", d.getBilling},
		{"GET /{org}/teams", d.getTeams},
		{"POST /{org}/teams", d.postTeams},
		{"GET /{org}/audit", d.getAudit},
		{"GET /{org}/settings", d.getSettings},
		{"POST /{org}/settings", d.postSettings},
	}
}

// maxUpload bounds a form that may hold a list of people, in bytes.
const maxUpload = 512 << 10

// Mount adds all pages.
func (d Dashboard) Mount(api *web.API) {
	d.Public.Mount(api)
	for _, r := range d.orgRoutes() {
		api.HandleOrg(r.pattern, secured(bounded(maxUpload, d.forMembers(r.serve))))
	}
}

// forMembers serves a page to who is signed in to the org that it belongs to. The page of
// another org is as unknown as that of none.
func (d Dashboard) forMembers(serve func(visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		slug := r.PathValue("org")
		if names.CheckSlug("", slug) != nil { // such as v1: no org can have it
			fail(w, r, fault.ErrNotFound, toHome)
			return
		}
		caller, err := d.signedIn(r)
		switch {
		case errors.Is(err, fault.ErrUnauthorized):
			signInFirst(w, r)
			return
		case err != nil:
			fail(w, r, err, action{"Try again", r.URL.Path})
			return
		case caller.Org.Slug != slug:
			fail(w, r, fault.ErrNotFound, toHome)
			return
		}
		v := visit{w: w, r: r, caller: caller, now: d.Auth.Now()}
		defer d.sees(v)()
		if err = v.parse(); err == nil {
			err = serve(v)
		}
		if err != nil {
			v.fail(err)
		}
	}
}

// sees notes that the visitor is here, beside what their page reads: nobody waits longer for
// it. What a form changes comes after the note, so that the two do not meet. What it returns
// waits for the end of the note, which must not outlive the request.
func (d Dashboard) sees(v visit) (wait func()) {
	var wg sync.WaitGroup
	wg.Go(func() { d.Seen.Saw(v.r.Context(), v.caller.Member) })
	if v.r.Method == http.MethodPost {
		wg.Wait()
	}
	return wg.Wait
}

var toHome = action{"Go to your organization", "/"}

// visit is a request of somebody who is signed in, for a page of their org.
type visit struct {
	now    time.Time
	w      http.ResponseWriter
	r      *http.Request
	caller authn.Caller
}

func (v visit) actor() authz.Actor { return v.caller.Actor }

func (v visit) may(p authz.Permission) bool { return v.caller.Actor.Role.Has(p) }

// path is that of a page of the visitor's org.
func (v visit) path(page string) string { return "/" + v.caller.Org.Slug + "/" + page }

// rowsOfPage is how many rows a page shows: what people read before they search instead.
const rowsOfPage = 25

// rows asks for the page of a list that the query names.
func (v visit) rows() lists.Request {
	return lists.Request{Limit: rowsOfPage, Cursor: v.query("cursor")}
}
