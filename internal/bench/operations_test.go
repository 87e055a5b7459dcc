package bench_test

import (
	"slices"
	"strings"
)

// operation is one row of the table. Every route has one, called by the route; where the
// same route costs something else in another case, that is told in brackets.
type operation struct {
	name string
	// prepare makes what one action uses up, and returns the action. It is called anew for
	// every action.
	prepare func(s *stage) action
	alone   bool // it touches the whole table
	reads   bool // it changes nothing: one action can be done again and again
	large   bool // it is a thousand things at once
}

// operations are all rows of the table.
func operations() []operation {
	return slices.Concat(peopleOperations, inviteOperations, keyOperations, spendOperations, pageOperations, docsOperations)
}

// routeOf is the route that an operation is called by.
func routeOf(name string) string {
	route, _, _ := strings.Cut(name, " (")
	route, _, _ = strings.Cut(route, "?")
	return route
}

// asked makes an operation of a request by the owner that uses nothing up.
func asked(name string, status int) operation {
	return seenAgain(name, func(s *stage) *request { return as(s.Owner, status, name, nil) })
}

// seenAgain makes an operation of a request that uses nothing up.
func seenAgain(name string, make func(s *stage) *request) operation {
	op := sent(name, make)
	op.reads = true
	return op
}

// asBulk tells that an operation is a thousand things at once.
func asBulk(op operation) operation {
	op.large = true
	return op
}

// sent makes an operation of a request that is made anew each time.
func sent(name string, make func(s *stage) *request) operation {
	return operation{name: name, prepare: func(s *stage) action { return make(s).do }}
}
