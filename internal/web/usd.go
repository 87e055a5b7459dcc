package web

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/nemorouter/nemo-team/internal/money"
)

// USD is dollars as a decimal string.
type USD struct{ money.Amount }

// Schema is that of the string.
func (USD) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: "US dollars, as a decimal string.", Examples: []any{"0.00039"}}
}
