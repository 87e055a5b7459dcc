package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// field is one input of a form, as the template "field" draws it.
type field struct {
	Name, Label, Type, Autocomplete string
	Value, Hint, Error              string
	Min, Max                        string // of numbers and dates
	ID                              string // Name, unless two forms of a page share it
	Rows                            int    // of a text area; 0 is a single line
	Required, Autofocus             bool
}

// At is the input's id.
func (f field) At() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// accept takes over what the fault says of this field, and reports whether it says any.
// Faults name fields by their place in the API: "body.email".
func (f *field) accept(flt *fault.Error) bool {
	for _, wrong := range flt.Fields {
		if wrong.Location == "body."+f.Name {
			f.Error, f.Autofocus = wrong.Message, true
			return true
		}
	}
	return false
}

func emailField(value, hint string) field {
	return field{Name: "email", Label: "Email address", Type: "email", Autocomplete: "email", Value: value, Hint: hint, Required: true}
}

// mendable returns err's fault if the same form is the best place to show it: the reader
// can change what they typed, or press the button again later.
func mendable(err error) (*fault.Error, bool) {
	flt := forPeople(err)
	switch flt.Kind {
	case fault.Invalid, fault.RateLimited, fault.Unavailable:
		return flt, true
	default:
		return flt, false
	}
}

// notice is what stands above a form for a fault that is no single field's.
func notice(flt *fault.Error, fields ...*field) string {
	for _, f := range fields {
		if f.accept(flt) {
			return ""
		}
	}
	return words(flt)
}

// retryAfter tells programs what the words tell people.
func retryAfter(w http.ResponseWriter, flt *fault.Error) {
	if flt.RetryAfter > 0 {
		seconds := (flt.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.Itoa(int(seconds)))
	}
}

// posted reads the named fields of the form that was sent.
func posted(r *http.Request, names ...string) ([]string, error) {
	if err := r.ParseForm(); err != nil {
		return nil, errForm.Because(err)
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = strings.TrimSpace(r.PostForm.Get(name))
	}
	return values, nil
}

var errForm = fault.New(fault.Malformed, "malformed_form", "What the form sent could not be read. Go back and try again.")

// or is a unless it is empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
