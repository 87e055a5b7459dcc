// Package page is the shape of every list: some rows, and where the next ones begin.
package page

import "github.com/nemorouter/nemo-team/internal/fault"

// The bounds of a page's size, in rows.
const (
	MaxLimit     = 100
	DefaultLimit = 50
)

// ErrBadCursor is the fault of a cursor that we did not make for this list.
var ErrBadCursor = fault.BadField("query.cursor", "This cursor does not belong to this list.")

// Request asks for one page.
type Request struct {
	Limit  int    // at least 1; those of callers are up to MaxLimit
	Cursor string // of the page before; empty for the first
	Reads  int    // how many round trips it may take; 0 leaves that to the store
}

// Of is one page. An empty Next says that it is the last; a page may hold fewer rows than
// asked for, even none, and still not be the last.
type Of[T any] struct {
	Data []T
	Next string
}
