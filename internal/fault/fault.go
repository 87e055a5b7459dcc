// Package fault is the one error type of this program: what kind of thing went
// wrong, a stable code for programs, words for people, and a hidden cause for logs.
//
// Nouns declare their errors as values (`var ErrTeamGone = fault.New(…)`), the store
// returns them, and package web turns them into problem documents in one place.
// Any other error is a fault of ours: it is logged whole and shown as "internal".
package fault

import (
	"errors"
	"time"
)

// Kind groups codes by how a caller should react. Package web maps it to a status.
type Kind int

// The kinds, from ours to theirs.
const (
	Internal     Kind = iota // ours; nothing is shown
	Malformed                // the request cannot be read
	Invalid                  // the request can be read, and a field is wrong
	Unauthorized             // who is calling is not known
	Forbidden                // who is calling may not
	NotFound                 // no such thing, or not theirs to know of
	Conflict                 // the state of things forbids it
	Gone                     // it was there, and its time has passed
	RateLimited              // too often; see RetryAfter
	Unavailable              // something that we need is down; see RetryAfter
)

// Error is a fault with a public and a hidden part.
type Error struct {
	Kind       Kind
	Code       string        // stable snake_case; callers branch on it
	Detail     string        // a sentence for people; never holds secrets or internals
	Fields     []Field       // for Invalid: which fields, and what is wrong with each
	RetryAfter time.Duration // for RateLimited and Unavailable: when to come back
	cause      error
}

// Field is one wrong field of a request.
type Field struct {
	Location string // such as "body.email"
	Message  string // what is wrong; never echoes the value
}

// New declares a fault without a cause, to be used as a sentinel with errors.Is. If it has
// words, All lists it.
func New(kind Kind, code, detail string) *Error {
	e := &Error{Kind: kind, Code: code, Detail: detail}
	declare(e)
	return e
}

// BadField is the fault of a single wrong field.
func BadField(location, message string) *Error {
	return BadFields([]Field{{location, message}})
}

// BadFields is the fault of several wrong fields.
func BadFields(fields []Field) *Error {
	e := *errInvalid
	e.Fields = fields
	return &e
}

// Error returns the code and the words, and the cause, for logs.
func (e *Error) Error() string {
	s := e.Code + ": " + e.Detail
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the hidden cause.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault of the same code, so that a fault with another
// detail or a cause still matches its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because returns a copy of e that carries cause for the logs.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Saying returns a copy of e with other words.
func (e *Error) Saying(detail string) *Error {
	c := *e
	c.Detail = detail
	return &c
}

// After returns a copy of e that asks the caller to wait for d.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// As returns err as a fault. Whatever is not one is internal, with err as its cause.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return ErrInternal.Because(err)
}

// The faults that belong to no noun.
var (
	ErrInternal     = New(Internal, "internal", "Something went wrong on our side. Quote the request id if you report it.")
	ErrUnauthorized = New(Unauthorized, "unauthorized", "Sign in, or send a valid key as a bearer token.")
	ErrNotFound     = New(NotFound, "not_found", "There is no such thing here.")
	ErrRateLimited  = New(RateLimited, "rate_limited", "Too many requests. Wait, then try again.")
	ErrUnavailable  = New(Unavailable, "unavailable", "A service that we depend on does not answer. Try again shortly.")

	errInvalid = New(Invalid, "validation_failed", "Some fields are not valid.")
)
