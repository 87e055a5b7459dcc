package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/web/docs"
)

// Docs is the function that tells about the API: its document, its docs page, the table of
// roles, and whether it is up. It asks for nothing and touches nothing.
type Docs struct {
	// Parts is everything that the document describes, beside Docs itself.
	Parts []Mounter
	// Refuse tells people that there is no such page. In the cloud, what no function has comes
	// here. Nil: as programs are told.
	Refuse Refusal
}

// Mount adds its routes.
func (f Docs) Mount(a *API) {
	f.mountOperations(a)
	whole := sync.OnceValue(func() *API { return f.whole(a.origin) })
	for _, r := range docsRoutes {
		a.Handle(r.pattern, whenAsked(func() http.Handler { return r.handler(whole()) }))
	}
	a.Handle(docs.Assets.Pattern(), docs.Assets.Handler(http.HandlerFunc(a.Missing)))
	if f.Refuse != nil {
		a.RefusePages(f.Refuse)
	}
}

// whole returns the API of all functions together. It can only be described, not called.
func (f Docs) whole(origin string) *API {
	whole := NewAPI(Config{PublicURL: origin})
	whole.note(func(doc *huma.OpenAPI) { doc.Tags = tags })
	for _, p := range f.Parts {
		p.Mount(whole)
	}
	f.mountOperations(whole)
	return whole
}

// docsRoutes are what Docs serves of the whole API.
var docsRoutes = []struct {
	pattern string
	handler func(whole *API) http.Handler
}{
	{"GET /openapi.json", openAPIJSON},
	{"GET /openapi.yaml", openAPIYAML},
	{"GET /docs", docsPage},
}

func (f Docs) mountOperations(a *API) {
	public(a, route{
		method: http.MethodGet, path: "/v1/roles", tag: "Roles", id: "list-roles",
		summary: "The roles and what each may do",
	}, roles)
	public(a, route{
		method: http.MethodGet, path: "/v1/health", tag: "Health", id: "health",
		summary: "Whether the API answers",
	}, health)
}

// RoleInfo is one role.
type RoleInfo struct {
	Role        authz.Role         `json:"role" enum:"owner,admin,member,viewer"`
	LiteLLMRole string             `json:"litellm_role" doc:"LiteLLM's name of the role."`
	Description string             `json:"description"`
	Permissions []authz.Permission `json:"permissions" nullable:"false"`
	CanGrant    []authz.Role       `json:"can_grant" nullable:"false" doc:"The roles that it can invite to and promote to."`
}

func roles(context.Context, *nothing) (*output[listBody[RoleInfo]], error) {
	var body listBody[RoleInfo]
	for _, r := range authz.Roles() {
		body.Data = append(body.Data, RoleInfo{r, r.LiteLLM(), r.Description(), r.Permissions(), grantable(r)})
	}
	return answer(body, nil)
}

func grantable(by authz.Role) []authz.Role {
	can := []authz.Role{}
	for _, r := range authz.Roles() {
		if authz.CanGrant(by, r) {
			can = append(can, r)
		}
	}
	return can
}

// Health says that the API answers.
type Health struct {
	Status  string `json:"status" example:"ok"`
	Version string `json:"version"`
}

func health(context.Context, *nothing) (*output[Health], error) {
	return answer(Health{"ok", Version}, nil)
}

func openAPIJSON(whole *API) http.Handler {
	doc, err := json.MarshalIndent(whole.OpenAPI(), "", "  ")
	return document("application/vnd.oai.openapi+json", doc, err)
}

func openAPIYAML(whole *API) http.Handler {
	doc, err := whole.OpenAPI().YAML()
	return document("application/vnd.oai.openapi", doc, err)
}
