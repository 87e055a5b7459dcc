package docs

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// curl is a call of the operation as one would type it.
func (s schemas) curl(base string, op *huma.Operation, path string, body *huma.Schema) string {
	line := "curl "
	if implied := body != nil && op.Method == http.MethodPost || op.Method == http.MethodGet; !implied {
		line += "-X " + op.Method + " "
	}
	lines := []string{line + base + inPath.ReplaceAllStringFunc(path, shellVariable)}
	if token := exampleToken(op); token != "" {
		lines = append(lines, `-H "Authorization: Bearer `+token+`"`)
	}
	if body != nil {
		lines = append(lines, "-d '"+s.example("", body)+"'")
	}
	return strings.Join(lines, " \\\n  ")
}

func exampleToken(op *huma.Operation) string {
	switch {
	case len(op.Security) == 0:
		return ""
	case byGateway(op):
		return "$GATEWAY_TOKEN"
	default:
		return "sk-nemo-..."
	}
}

// inPath finds the parameters of a path.
var inPath = regexp.MustCompile(`{\w+}`)

// shellVariable turns {id} into $ID: curl itself would take braces for a list.
func shellVariable(parameter string) string {
	return "$" + strings.ToUpper(strings.Trim(parameter, "{}"))
}

const exampleID = "0199d2a4-6f00-7abc-8def-0123456789ab"

// exampleValues are for fields whose schema has no example.
var exampleValues = map[string]string{
	"token": "...", "user_id": exampleID, "team_id": exampleID, "confirm": "acme",
	"name": "A new name", "slug": "acme", "role": "viewer",
}

// example is a value of the schema as JSON. Objects show what is required, or everything
// where nothing is. name is the field's, if it is one.
func (s schemas) example(name string, schema *huma.Schema) string {
	schema = s.resolve(schema)
	switch {
	case len(schema.Examples) > 0:
		return oneLine(schema.Examples[0])
	case schema.Type == huma.TypeArray:
		return "[" + s.example("", schema.Items) + "]"
	case schema.Type == huma.TypeObject:
		return s.exampleObject(schema)
	case len(schema.Enum) > 0:
		return oneLine(schema.Enum[0])
	case schema.Type == huma.TypeString:
		return oneLine(exampleString(name))
	case schema.Type == huma.TypeBoolean:
		return "true"
	default:
		return "1"
	}
}

func exampleString(name string) string {
	if value, ok := exampleValues[name]; ok {
		return value
	}
	return "..."
}

func (s schemas) exampleObject(schema *huma.Schema) string {
	names := schema.Required
	if len(names) == 0 {
		names = propertyNames(schema)
	}
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = oneLine(name) + ": " + s.example(name, schema.Properties[name])
	}
	return "{ " + strings.Join(pairs, ", ") + " }"
}
