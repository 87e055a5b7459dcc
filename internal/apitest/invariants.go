package apitest

import (
	"fmt"
	"slices"
)

// An invariant is one of the rules that must always be true, by its number in the design,
// and what finds out whether it is. Those that read the table look at the items themselves,
// so they believe no answer of the program; they know the rules, and none of its code.
// Three cannot be seen in a table alone: what was answered is scanned (9), or requests are
// made (11, 13).
type invariant struct {
	number int
	check  func(Books, *finds)
}

// inTable are the invariants that the table shows.
var inTable = []invariant{
	{1, oneMembership}, {2, oneOwner}, {3, oneUserPerAddress}, {4, defaultTeam}, {5, onePendingPerAddress},
	{6, leftPendingOnce}, {7, acceptedWhole}, {8, recorded}, {9, hashesOnly}, {10, grantedWithin},
	{11, keysEnd}, {12, countedOnce}, {13, keptApart}, {14, remembered},
}

// byRequest are those that requests show.
var byRequest = []struct {
	number int
	check  func(*World, Books, *finds)
}{
	{11, endedMeansRefused}, {13, foreignMeansUnknown},
}

// CheckInvariants fails the test if one of the rules that must always be true is broken, in
// the table or in what the program answers. The world must have a table of its own, and no
// org under purge.
func (w *World) CheckInvariants() Books {
	w.Helper()
	books := w.CheckTable()
	for _, b := range w.Probe(books) {
		w.Errorf("%s", b)
	}
	return books
}

// CheckTable is CheckInvariants without the requests, which become many where there are many
// orgs: for what is done again and again in one world, and looked at in the end.
func (w *World) CheckTable() Books {
	w.Helper()
	rows := w.Rows()
	books := sorted(rows)
	for _, b := range append(books.Broken(), w.Leaks(rows)...) {
		w.Errorf("%s", b)
	}
	return books
}

// Broken names the invariants that the rows break.
func (b Books) Broken() []string {
	var f finds
	for _, i := range inTable {
		f.number = i.number
		i.check(b, &f)
	}
	return f.sorted()
}

// Probe names the invariants that requests show to be broken. It asks for much and changes
// nothing.
func (w *World) Probe(b Books) []string {
	var f finds
	for _, i := range byRequest {
		f.number = i.number
		i.check(w, b, &f)
	}
	return f.sorted()
}

// finds collects what is wrong.
type finds struct {
	number int // of the invariant that is being looked at
	found  []string
}

func (f *finds) unless(ok bool, format string, args ...any) {
	if !ok {
		f.found = append(f.found, fmt.Sprintf("invariant %d: ", f.number)+fmt.Sprintf(format, args...))
	}
}

func (f *finds) sorted() []string {
	slices.Sort(f.found)
	return f.found
}

// eachOrg visits the orgs that the purge has not reached.
func (b Books) eachOrg(visit func(id string, o *OrgBooks)) {
	for id, o := range b.Orgs {
		if !o.purged() {
			visit(id, o)
		}
	}
}

// purged reports whether only the org's name is left.
func (o *OrgBooks) purged() bool { return o.Row == nil || o.Row.Has("purged_at") }

// deleted reports whether the org's claims are void.
func (o *OrgBooks) deleted() bool { return o.Row == nil || o.Row.Has("deleted_at") }

// count is 1 for what is so.
func count(is bool) int {
	if is {
		return 1
	}
	return 0
}
