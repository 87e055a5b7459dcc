package web

import (
	"bytes"
	"encoding/csv"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
)

// csvFile is a table as a file of CSV.
func csvFile(table [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, line := range table {
		safe := make([]string, len(line))
		for i, cell := range line {
			safe[i] = harmless(cell)
		}
		_ = w.Write(safe) // a buffer takes everything
	}
	w.Flush()
	return b.Bytes()
}

func writeFile(setHeader func(name, value string), to io.Writer, name string, file []byte) {
	setHeader("Content-Type", CSV+"; charset=utf-8")
	setHeader("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = to.Write(file) // whoever asked may be gone
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

// jsonAnswer is a document for routes that also answer in other forms.
func jsonAnswer(document []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		ctx.SetHeader("Content-Type", "application/json")
		_, _ = ctx.BodyWriter().Write(document) // whoever asked may be gone
	}}
}
