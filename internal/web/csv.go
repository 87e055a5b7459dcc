package web

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
)

// csvAnswer is a table as a file of CSV.
func csvAnswer(name string, table [][]string) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		writeCSV(ctx.SetHeader, ctx.BodyWriter(), name, table)
	}}
}

func writeCSV(setHeader func(name, value string), body io.Writer, name string, table [][]string) {
	setHeader("Content-Type", "text/csv; charset=utf-8")
	setHeader("Content-Disposition", `attachment; filename="`+name+`"`)
	w := csv.NewWriter(body)
	for _, line := range table {
		for i, cell := range line {
			line[i] = harmless(cell)
		}
		w.Write(line) // whoever asked may be gone
	}
	w.Flush()
}

// alsoAs documents the GET route at path as answering T, or text of other media types.
func alsoAs[T any](a *API, path string, others ...string) {
	a.note(func(doc *huma.OpenAPI) {
		content := map[string]*huma.MediaType{
			"application/json": {Schema: doc.Components.Schemas.Schema(reflect.TypeFor[T](), true, "")},
		}
		for _, media := range others {
			content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		doc.Paths[path].Get.Responses["200"].Content = content
	})
}

// preferred is the first of the media types that an Accept header asks for before JSON; ""
// is JSON.
func preferred(accept string, others []string) string {
	for part := range strings.SplitSeq(accept, ",") {
		media, _, _ := strings.Cut(part, ";")
		media = strings.ToLower(strings.TrimSpace(media))
		if slices.Contains(others, media) {
			return media
		}
		if media == "application/json" || media == "*/*" {
			break
		}
	}
	return ""
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
