package apitest

import (
	"slices"
	"sync/atomic"
	"testing"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
)

// endpoints are those of the engines. Worlds that are Alone take them in turns; the others
// share a table of the first.
var (
	endpoints []string
	turn      atomic.Uint64
)

func nextEndpoint() string { return endpoints[turn.Add(1)%uint64(len(endpoints))] }

// Main runs a package's tests with an engine. Call it from TestMain.
func Main(m *testing.M) { MainOn(m, 1) }

// MainOn is Main with several engines, for one does one thing at a time.
func MainOn(m *testing.M, engines int) {
	engine.Main(m, slices.Repeat([]func(string){func(at string) { endpoints = append(endpoints, at) }}, engines)...)
}

// Connect sends the worlds that are made from now on to an engine that the test runs itself,
// in a package without Main.
func Connect(to string) { endpoints = []string{to} }

// Over returns a world over a table that is there, of some other program.
func Over(t testing.TB, table string, options ...Option) *World {
	t.Helper()
	return newWorld(t, endpoints[0], table, options)
}
