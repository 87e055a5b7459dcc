// Package site is wiring for programs that serve pages. It stands apart for the reason that
// mailing does: whoever serves none need not start with their templates.
package site

import (
	"github.com/nemorouter/nemo-team/internal/catalog"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/pages"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// Dashboard is the part that people see in their browsers.
func Dashboard(a *wiring.App) pages.Dashboard {
	signUp, sessions, accept, api := a.Signup(), a.Sessions(), a.Accept(), a.API()
	return pages.Dashboard{
		Public: pages.Public{
			SignIn: sessions.Request, ConfirmSignIn: sessions.Confirm,
			SignUp: signUp.Request, ConfirmSignUp: signUp.Confirm,
			Preview: accept.Preview, Accept: accept.Accept, Decline: accept.Decline,
			Slug: a.Store().Slug, Auth: api.Auth,
		},
		Orgs: a.Orgs(), Members: a.Members(), Invites: a.Invites(), Keys: a.Keys(),
		Budgets: a.Budgets(), Reports: a.Reports(), Sessions: sessions,
		Seen: members.Watcher{Store: a.Store(), Now: api.Now},
	}
}

// Docs is the part that tells about the API.
func Docs() web.Docs { return web.Docs{Parts: catalog.Parts(), Refuse: pages.Refuse} }

// All is every part, for a server that is all functions at once.
func All(a *wiring.App) []web.Mounter {
	return []web.Mounter{
		a.Signup(), a.Sessions(), a.Orgs(), a.Members(), a.Invites(), a.Accept(), a.Keys(), a.Verify(), a.Ingest(), a.Reports(), a.Budgets(),
		Dashboard(a), Docs(),
	}
}
