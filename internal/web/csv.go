package web

import (
	"encoding/csv"
	"encoding/json"
	"reflect"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
)

// csvAnswer is a table as a file of CSV.
func csvAnswer(name string, table [][]string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
		ctx.SetHeader("Content-Disposition", `attachment; filename="`+name+`"`)
		w := csv.NewWriter(ctx.BodyWriter())
		for _, line := range table {
			for i, cell := range line {
				line[i] = harmless(cell)
			}
			w.Write(line) // whoever asked may be gone
		}
		w.Flush()
	}}
}

// alsoCSV documents the GET route at path as answering T, or CSV.
func alsoCSV[T any](a *API, path string) {
	doc := a.OpenAPI()
	doc.Paths[path].Get.Responses["200"].Content = map[string]*huma.MediaType{
		"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[T](), true, "")},
		"text/csv":         {Schema: &huma.Schema{Type: huma.TypeString}},
	}
}

// harmless keeps a spreadsheet from taking a cell for a formula: what begins like one gets
// an apostrophe in front, which spreadsheets read as "this is text".
func harmless(cell string) string {
	text := strings.TrimLeftFunc(cell, unicode.IsSpace)
	if strings.IndexAny(text, "=+-@") == 0 || strings.IndexAny(cell, "\t\r\n") == 0 {
		return "'" + cell
	}
	return cell
}

// jsonAnswer is v for routes that also answer in other forms.
func jsonAnswer(v any) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		json.NewEncoder(ctx.BodyWriter()).Encode(v) // whoever asked may be gone
	}}
}
