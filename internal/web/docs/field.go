package docs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// field is one value of a request or an answer.
type field struct {
	Parents  string // what it lies in, such as "data[]."
	Name     string
	In       string // of a parameter: path, query or header
	Type     string
	Limits   string // what it may be, in a sentence
	Doc      string
	Required bool
}

// schemas reads the document's schemas.
type schemas struct{ registry huma.Registry }

func (s schemas) resolve(schema *huma.Schema) *huma.Schema {
	for schema != nil && schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	return schema
}

func (s schemas) parameters(params []*huma.Param) []field {
	var all []field
	for _, p := range params {
		if p.In == "cookie" {
			continue // the session: explained once for all
		}
		schema := s.resolve(p.Schema)
		all = append(all, field{
			Name: p.Name, In: p.In, Type: s.typeOf(p.Schema), Limits: limits(schema),
			Doc: p.Description, Required: p.Required,
		})
	}
	slices.SortStableFunc(all, func(a, b field) int {
		return cmp.Compare(slices.Index(places, a.In), slices.Index(places, b.In))
	})
	return all
}

// places are where parameters may be, in the order in which they are listed.
var places = []string{"path", "query", "header"}

// fields lists what lies in an object, those that are required first, and what lies in
// those.
func (s schemas) fields(schema *huma.Schema) []field { return s.within("", schema) }

func (s schemas) within(parents string, schema *huma.Schema) []field {
	schema = s.resolve(schema)
	if schema == nil {
		return nil
	}
	if schema.Type == huma.TypeArray {
		return s.within(strings.TrimSuffix(parents, ".")+"[].", schema.Items)
	}
	var all []field
	for _, name := range propertyNames(schema) {
		property := schema.Properties[name]
		resolved := s.resolve(property)
		all = append(all, field{
			Parents: parents, Name: name, Type: s.typeOf(property), Limits: limits(resolved),
			Doc: property.Description, Required: slices.Contains(schema.Required, name),
		})
		if !isProblem(property) {
			all = append(all, s.within(parents+name+".", property)...)
		}
	}
	return all
}

// propertyNames are the required ones as they were declared, then the others.
func propertyNames(schema *huma.Schema) []string {
	names := slices.Clone(schema.Required)
	for _, name := range sortedKeys(schema.Properties) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// isProblem reports whether it is a problem document, which the page explains once.
func isProblem(schema *huma.Schema) bool { return strings.HasSuffix(schema.Ref, "/Problem") }

// typeOf says what a value is.
func (s schemas) typeOf(schema *huma.Schema) string {
	if isProblem(schema) {
		return "problem"
	}
	schema = s.resolve(schema)
	words := schema.Type
	switch {
	case schema.Format == "date-time":
		words = "time"
	case schema.Type == huma.TypeArray:
		words = "list of " + s.typeOf(schema.Items) + "s"
	}
	if schema.Nullable {
		words += " or null"
	}
	return words
}

// limits says what a value may be, beside its type. The length of text is left out: it is
// there to keep nonsense out, and far beyond what is meant.
func limits(schema *huma.Schema) string {
	var words []string
	if len(schema.Enum) > 0 {
		words = append(words, "one of "+listed(schema.Enum))
	}
	if schema.Minimum != nil && schema.Maximum != nil {
		words = append(words, fmt.Sprintf("%v to %v", *schema.Minimum, *schema.Maximum))
	}
	if schema.MinItems != nil && schema.MaxItems != nil {
		words = append(words, fmt.Sprintf("%d to %d", *schema.MinItems, *schema.MaxItems))
	}
	if schema.Default != nil {
		words = append(words, fmt.Sprintf("%v unless given", schema.Default))
	}
	if len(words) == 0 {
		return ""
	}
	sentence := strings.Join(words, "; ") + "."
	return strings.ToUpper(sentence[:1]) + sentence[1:]
}

func listed(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
