package docs

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/authz"
)

// view is what the template shows.
type view struct {
	Version string
	BaseURL string
	Roles   []authz.Role
	Grants  []grant
	Groups  []group
	Codes   []Code
}

// grant is a row of the table of roles.
type grant struct {
	Permission authz.Permission
	Held       []bool // by each of the view's roles
}

// group is the operations of one tag.
type group struct {
	ID         string // its anchor
	Name       string
	Doc        string
	Operations []operation
}

const unknownHost = "https://HOST"

func newView(s Source) view {
	base := cmp.Or(s.BaseURL, unknownHost)
	return view{
		Version: s.API.Info.Version, BaseURL: base, Roles: authz.Roles(), Grants: grants(),
		Groups: groups(s.API, base), Codes: s.Codes,
	}
}

// anchor is where a permission's row is. Colons would be escaped in links.
func anchor(p authz.Permission) string {
	return "permission-" + strings.ReplaceAll(string(p), ":", "-")
}

func grants() []grant {
	var rows []grant
	for _, g := range authz.Table {
		row := grant{Permission: g.Permission}
		for _, r := range authz.Roles() {
			row.Held = append(row.Held, slices.Contains(g.Roles, r))
		}
		rows = append(rows, row)
	}
	return rows
}

// groups returns the operations by tag: the document's tags in its order, then any others.
func groups(api *huma.OpenAPI, base string) []group {
	byTag := map[string][]operation{}
	for _, op := range operations(api, base) {
		byTag[op.tag] = append(byTag[op.tag], op)
	}
	var all []group
	for _, t := range api.Tags {
		if ops := byTag[t.Name]; ops != nil {
			all = append(all, newGroup(t.Name, t.Description, ops))
			delete(byTag, t.Name)
		}
	}
	for _, name := range sortedKeys(byTag) {
		all = append(all, newGroup(name, "", byTag[name]))
	}
	return all
}

func newGroup(name, doc string, ops []operation) group {
	slices.SortFunc(ops, compareOperations)
	return group{ID: "tag-" + strings.ReplaceAll(strings.ToLower(name), " ", "-"), Name: name, Doc: doc, Operations: ops}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// oneLine writes a value as JSON with the spaces that people leave.
func oneLine(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("docs: an example has no JSON: " + err.Error())
	}
	return string(b)
}
