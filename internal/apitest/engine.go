package apitest

import "testing"

// Connect sends the worlds that are made from now on to an engine that the test runs itself,
// in a package without Main.
func Connect(to string) { endpoint = to }

// Over returns a world over a table that is there, of some other program.
func Over(t testing.TB, table string, options ...Option) *World {
	t.Helper()
	return newWorld(t, table, options)
}
