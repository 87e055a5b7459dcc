package web

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// expiry is when something ends, in a request: missing leaves it as it is, null means never.
type expiry struct {
	value *time.Time // nil: missing; the zero time: never
}

// UnmarshalJSON reads null or a time. The year 1 is Go's zero time, and to whoever wrote it
// a long past, not never.
func (e *expiry) UnmarshalJSON(b []byte) error {
	e.value = new(time.Time)
	if string(b) == "null" {
		return nil
	}
	if err := json.Unmarshal(b, e.value); err != nil {
		return err
	}
	if e.value.IsZero() {
		*e.value = time.Unix(0, 0)
	}
	return nil
}

// MarshalJSON writes what was read, so that requests can be told apart.
func (e expiry) MarshalJSON() ([]byte, error) { return json.Marshal(e.value) }

// Schema is that of a time, or null.
func (e expiry) Schema(r huma.Registry) *huma.Schema {
	s := *huma.SchemaFromType(r, reflect.TypeFor[time.Time]())
	s.Nullable = true
	return &s
}

// orNever is the time to end at; the zero time, if none was given.
func (e expiry) orNever() time.Time {
	if e.value == nil {
		return time.Time{}
	}
	return *e.value
}
