package apitest_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// place is where a request holds a value: in a path, a query, a header or a body.
type place struct{ in, name string } // in a body the name is the path to it: "invitations.0.email"

func (p place) String() string { return p.in + "." + p.name }

// schema is as much of a JSON schema as there is in the API's document.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Properties map[string]schema
	Items      *schema
	OneOf      []schema
}

// taking is what the document says of where an operation takes values.
type taking struct {
	Parameters  []place
	RequestBody struct {
		Content map[string]struct{ Schema schema }
	}
}

// placesOf returns the places of every operation, by method and path.
func placesOf(w *apitest.World) map[string][]place {
	w.Helper()
	var doc struct {
		Paths      map[string]map[string]taking
		Components struct{ Schemas map[string]schema }
	}
	w.Stranger().Do("GET", "/openapi.json", nil).Want(200).Decode(&doc)
	found := map[string][]place{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			places := slices.Clone(op.Parameters)
			for _, content := range op.RequestBody.Content {
				places = append(places, content.Schema.places(doc.Components.Schemas, nil)...)
			}
			found[strings.ToUpper(method)+" "+path] = slices.Compact(places)
		}
	}
	return found
}

// UnmarshalJSON reads a parameter.
func (p *place) UnmarshalJSON(b []byte) error {
	var parameter struct{ In, Name string }
	err := json.Unmarshal(b, &parameter)
	p.in, p.name = parameter.In, parameter.Name
	return err
}

// places are where a value of the schema holds values that are neither object nor array.
func (s schema) places(named map[string]schema, path []string) (found []place) {
	if s.Ref != "" {
		s = named[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	at := place{"body", strings.Join(path, ".")}
	switch {
	case s.Properties != nil:
		for name, part := range s.Properties {
			found = append(found, part.places(named, append(slices.Clone(path), name))...)
		}
	case s.Items != nil:
		found = append(s.Items.places(named, append(slices.Clone(path), "0")), at)
	case len(path) == 0: // the body itself is one of several
		for _, one := range s.OneOf {
			found = append(found, one.places(named, path)...)
		}
	default:
		found = append(found, at)
	}
	return found
}

// placeholder is what set puts in, to be replaced by the bytes of a value.
const placeholder = "the-place"

// put returns the body with raw JSON at the path. What is not there on the way is made.
func putAt(t testing.TB, body any, path, raw string) string {
	t.Helper()
	var tree any
	if err := json.Unmarshal(asJSON(t, body), &tree); err != nil {
		t.Fatal(err)
	}
	var parts []string
	if path != "" {
		parts = strings.Split(path, ".")
	}
	return strings.Replace(string(asJSON(t, set(tree, parts))), `"`+placeholder+`"`, raw, 1)
}

func set(tree any, path []string) any {
	if len(path) == 0 {
		return placeholder
	}
	if path[0] == "0" {
		list, _ := tree.([]any)
		var first any
		if len(list) > 0 {
			first = list[0]
		}
		return []any{set(first, path[1:])}
	}
	if list, is := tree.([]any); is && len(list) > 0 { // a batch of one may come by itself
		tree = list[0]
	}
	object, _ := tree.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = set(object[path[0]], path[1:])
	return object
}

// with returns the request's method, path, body and headers with the value at the place, or
// false if it has no form there.
func (d decision) with(t testing.TB, r request, p place, v hostile) (method, path string, body any, headers []string, ok bool) {
	t.Helper()
	method, path, _ = strings.Cut(d.call, " ")
	headers = []string{"X-Remote-Addr", apitest.Source()}
	body, ok = r.body, v.text != ""
	switch p.in {
	case "path":
		path = strings.ReplaceAll(path, "{"+p.name+"}", url.PathEscape(v.text))
	case "query":
		path += "?" + p.name + "=" + url.QueryEscape(v.text)
	case "header":
		headers = append(headers, p.name, v.text)
		ok = ok && !strings.ContainsAny(v.text, "\x00\r\n\x7f\x1b") // no server lets them in
	case "body":
		body, ok = putAt(t, r.body, p.name, v.json), true
	default:
		t.Fatal(fmt.Sprint("nothing is known of values in ", p.in))
	}
	return method, strings.NewReplacer("{id}", r.id, "{scope}", "team").Replace(path), body, headers, ok
}
