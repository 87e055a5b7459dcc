// Package model holds the rules of the design against the program: a small state machine
// that knows them and none of the program's code, and random stories that both go through.
// After every step the program's answer must be the model's, its table must hold what the
// model holds, and none of the invariants may be broken.
//
//	state     what there is: orgs, people, invitations, keys, budgets, events, the clock
//	rules     who may do what: the table of roles, and the questions asked of it
//	tries     how a step is tried: once, again, with its answer lost, in the middle of another
//	people, invitations, bulk, feedback, keys, money, …: what can happen, and what then must be
//	edge      what ends, tried a second before, at that moment, and a second after
//	agree     that the table holds what the model holds
//
// A story that fails is made as short as it can be, and printed with the seed that brings
// it back.
package model
