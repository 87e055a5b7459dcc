package web

import (
	"encoding/json"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// orCleared is a field of a change: missing leaves the thing as it is, null clears it.
type orCleared[T any] struct {
	value *T // nil: missing; the zero T: null
}

// UnmarshalJSON reads null or a T.
func (c *orCleared[T]) UnmarshalJSON(b []byte) error {
	c.value = new(T)
	return json.Unmarshal(b, c.value)
}

// Schema is that of T, or null.
func (c orCleared[T]) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[T]())
	s.Nullable = true
	return &s
}
