package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/web/docs"
)

// docsPage serves the page that explains the whole API to people.
func docsPage(whole *API) http.Handler {
	return docs.Page(docs.Source{API: whole.OpenAPI(), BaseURL: whole.origin, Codes: codes()})
}

// codes are all that a problem document may carry: those that packages declared, and those
// of requests that reach no operation.
func codes() []docs.Code {
	byCode := map[string]*docs.Code{}
	add := func(code string, status int, words string) {
		c := byCode[code]
		if c == nil {
			c = &docs.Code{Code: code, Status: status}
			byCode[code] = c
		}
		if !slices.Contains(c.Words, words) {
			c.Words = append(c.Words, words)
		}
	}
	for _, f := range fault.All() {
		add(f.Code, Status(f.Kind), f.Detail)
	}
	for status, code := range codesByStatus {
		add(code, status, detailsByStatus[status])
	}
	all := make([]docs.Code, 0, len(byCode))
	for _, c := range byCode {
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b docs.Code) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// tags are the groups of operations, in the order in which a reader needs them.
var tags = []*huma.Tag{
	{Name: "Sign-up", Description: "Found an organization with nothing but a mail address."},
	{Name: "Sessions", Description: "Sign in by a mailed link. There are no passwords."},
	{Name: "Me", Description: "Who is calling, and what they may do. A gateway that knows a person's key or session asks here."},
	{Name: "Organization", Description: "The tenant. Every caller belongs to exactly one, so no path names it."},
	{Name: "Teams", Description: "The parts of an organization. Every organization is born with one that is named Default."},
	{Name: "Members", Description: "The people of an organization, each with one role and one team."},
	{Name: "Invitations", Description: "Offer somebody a role and a team by mail. An invitation is good for 7 days."},
	{Name: "Invitation links", Description: "What an invitee can do with the link in their mail. Its token is all that it takes: nobody has to be signed in."},
	{Name: "Keys", Description: "Virtual keys, with the scope inference for the gateway, manage for this API, or both."},
	{Name: "Gateway", Description: "What the gateway asks and tells, with a token of its own."},
	{Name: "Spend", Description: "Who spent what, from sums that cost as much to read as they are long."},
	{Name: "Budgets", Description: "Limits on spend for the organization, a team, a member or a key, and who is told when."},
	{Name: "Billing", Description: "Credits: what was granted, bought and used."},
	{Name: "Audit", Description: "The append-only record of who changed what."},
	{Name: "Roles", Description: "The table of roles, for programs."},
	{Name: "Health", Description: "Whether anybody is there."},
}
