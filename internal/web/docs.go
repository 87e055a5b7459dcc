package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/web/docs"
)

// Docs is the function that tells about the API: its document, its docs page, the table of
// roles, and whether it is up. It asks for nothing and touches nothing.
type Docs struct {
	// Parts is everything that the document describes, beside Docs itself.
	Parts []Mounter
}

// Mount adds its routes.
func (f Docs) Mount(a *API) {
	f.mountOperations(a)
	whole := NewAPI(Config{PublicURL: a.origin})
	whole.OpenAPI().Tags = tags
	for _, p := range f.Parts {
		p.Mount(whole)
	}
	f.mountOperations(whole)
	for _, r := range docsRoutes {
		a.Handle(r.pattern, r.handler(whole))
	}
}

// docsRoutes are what Docs serves beside operations.
var docsRoutes = []struct {
	pattern string
	handler func(whole *API) http.Handler
}{
	{"GET /openapi.json", openAPIJSON},
	{"GET /openapi.yaml", openAPIYAML},
	{"GET /docs", docsPage},
	{docs.AssetPattern, docsAssets},
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

// document serves bytes that were made at start.
func document(mediaType string, doc []byte, err error) http.Handler {
	if err != nil {
		panic("web: the API has no document: " + err.Error())
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Write(doc)
	})
}
