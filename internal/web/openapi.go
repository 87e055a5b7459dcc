package web

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// OpenAPI makes the document of all that is mounted.
func (a *API) OpenAPI() *huma.OpenAPI {
	api := humago.New(http.NewServeMux(), a.config())
	for _, op := range a.operations {
		op.register(api)
	}
	for _, note := range a.notes {
		note(api.OpenAPI())
	}
	return api.OpenAPI()
}

// note adds to the document what an operation's types do not say.
func (a *API) note(n func(*huma.OpenAPI)) { a.notes = append(a.notes, n) }

// Names of the security schemes.
const (
	bearer = "bearer"
	cookie = "cookie"
)

// config is what huma needs to know to serve operations, and to describe them.
func (a *API) config() huma.Config {
	config := huma.DefaultConfig("nemo-team", Version)
	config.Info.Description = "Team management for LLM gateways: invitations, roles, virtual keys and an audit trail."
	config.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", "" // the docs function serves them
	config.CreateHooks = nil                                             // no $schema in answers
	config.RejectUnknownQueryParameters = true
	config.Formats = map[string]huma.Format{
		"application/json":                  huma.DefaultJSONFormat,
		"json":                              huma.DefaultJSONFormat,
		"application/x-www-form-urlencoded": huma.DefaultJSONFormat, // plain `curl -d` says so, and sends JSON
	}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer:        {Type: "http", Scheme: "bearer", Description: "A virtual key with the scope manage, or a session's token."},
		gatewayScheme: {Type: "http", Scheme: "bearer", Description: "The gateway's own token."},
		cookie:        {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "The session that signing in sets."},
	}
	if a.origin != "" {
		config.Servers = []*huma.Server{{URL: a.origin}}
	}
	return config
}
