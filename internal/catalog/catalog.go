// Package catalog lists the functions: the local server, the documentation and the
// deployment are made from the same values, so they cannot drift apart.
package catalog

import (
	"github.com/nemorouter/nemo-team/internal/pages"
	"github.com/nemorouter/nemo-team/internal/web"
)

// Function is one function that answers requests. Its name is the name of its folder, its
// binary, its construct and its sample event.
type Function struct {
	Name string
	Part web.Mounter // what it mounts; the operations in it need not be wired
}

// Functions are all functions that answer requests, but for docs, which describes them.
func Functions() []Function {
	return []Function{
		{"signup", web.Signup{}},
		{"sessions", web.Sessions{}},
		{"org", web.Orgs{}},
		{"members", web.Members{}},
		{"invite", web.Invites{}},
		{"accept", web.Accept{}},
		{"keys", web.Keys{}},
		{"verify", web.Verify{}},
		{"ingest", web.Ingest{}},
		{"reports", web.Reports{}},
		{"budgets", web.Budgets{}},
		{"dashboard", pages.Dashboard{}},
	}
}

// Parts are what Functions mount.
func Parts() []web.Mounter {
	var parts []web.Mounter
	for _, f := range Functions() {
		parts = append(parts, f.Part)
	}
	return parts
}
