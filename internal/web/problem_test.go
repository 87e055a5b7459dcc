package web

import (
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// A field that is missing is located itself, not the object that lacks it.
func TestLocated(t *testing.T) {
	for message, want := range map[string]Field{
		"expected required property email to be present": {"body.email", "This field is needed."},
		"expected string": {"body", "expected string"},
		"expected required property email or phone": {"body", "expected required property email or phone"},
	} {
		if got := located(&huma.ErrorDetail{Location: "body", Message: message}); got != want {
			t.Errorf("%q became %v, want %v", message, got, want)
		}
	}
}
