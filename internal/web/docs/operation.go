package docs

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authz"
)

// operation is one call of the API.
type operation struct {
	ID         string // its anchor
	Method     string
	Path       string
	Summary    string
	Detail     string
	Public     bool
	Gateway    bool // it takes the gateway's own token
	Permission authz.Permission
	Roles      []authz.Role // those that hold Permission
	AliasOf    string       // the operation that this is another address of
	Parameters []field
	Request    []field
	Status     int
	Response   []field
	Curl       string

	tag string
}

// StatusText is the status in words.
func (o operation) StatusText() string { return http.StatusText(o.Status) }

// aliasSuffix ends the id of an operation that is another address of the one without it.
const aliasSuffix = "-alias"

func operations(api *huma.OpenAPI, base string) []operation {
	var all []operation
	for path, item := range api.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil && !op.Hidden {
				all = append(all, newOperation(api, base, path, op))
			}
		}
	}
	return all
}

func newOperation(api *huma.OpenAPI, base, path string, op *huma.Operation) operation {
	o := operation{
		ID: op.OperationID, Method: op.Method, Path: path, Summary: op.Summary, Detail: op.Description,
		Public: len(op.Security) == 0, Gateway: byGateway(op), tag: strings.Join(op.Tags, ", "),
	}
	if id, is := strings.CutSuffix(op.OperationID, aliasSuffix); is {
		o.AliasOf = id
	}
	if p, ok := op.Extensions["x-permission"].(authz.Permission); ok {
		o.Permission = p
		o.Roles = slices.DeleteFunc(authz.Roles(), func(r authz.Role) bool { return !r.Has(p) })
	}
	schemas := schemas{api.Components.Schemas}
	body := requestBody(op)
	o.Parameters = schemas.parameters(op.Parameters)
	o.Request = schemas.fields(body)
	status, answer := success(op)
	o.Status, o.Response = status, schemas.fields(answer)
	o.Curl = schemas.curl(base, op, path, body)
	return o
}

func byGateway(op *huma.Operation) bool {
	return slices.ContainsFunc(op.Security, func(s map[string][]string) bool { return s["gateway"] != nil })
}

func requestBody(op *huma.Operation) *huma.Schema {
	if op.RequestBody == nil {
		return nil
	}
	return jsonOf(op.RequestBody.Content)
}

// success returns the status and the body of the operation's good answer.
func success(op *huma.Operation) (int, *huma.Schema) {
	for _, text := range sortedKeys(op.Responses) {
		if status, err := strconv.Atoi(text); err == nil && status < http.StatusMultipleChoices {
			return status, jsonOf(op.Responses[text].Content)
		}
	}
	return op.DefaultStatus, nil
}

func jsonOf(content map[string]*huma.MediaType) *huma.Schema {
	if m := content["application/json"]; m != nil {
		return m.Schema
	}
	return nil
}

var methodOrder = []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete}

// compareOperations sorts by path, then by what one does first; aliases come last.
func compareOperations(a, b operation) int {
	return cmp.Or(
		cmp.Compare(min(len(a.AliasOf), 1), min(len(b.AliasOf), 1)),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(slices.Index(methodOrder, a.Method), slices.Index(methodOrder, b.Method)),
	)
}
