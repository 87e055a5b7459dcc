package faults_test

import (
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// Every route that may change something is cut: all but those that only read.
func TestCut_knowsEveryRoute(t *testing.T) {
	known := map[string]bool{"POST /v1/invitations/preview": false} // takes a secret, and reads
	for _, op := range operations {
		known[op.call] = true
	}
	var doc struct {
		Paths map[string]map[string]any
	}
	apitest.New(t).Stranger().Do("GET", "/openapi.json", nil).Want(200).Decode(&doc)
	served := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			call := strings.ToUpper(method) + " " + path
			served[call] = true
			if _, told := known[call]; !told && method != "get" {
				t.Errorf("%s changes something and is never cut: add a row to operations", call)
			}
		}
	}
	for call := range known {
		if !served[call] {
			t.Errorf("%s is in operations and not in the document", call)
		}
	}
}
