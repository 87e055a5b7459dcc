// Package ident makes and reads ids: UUIDs of version 7 (RFC 9562), which sort by the
// time at which they were made.
package ident

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// New returns a fresh id for a thing made at now. Ids made later sort later, to about a
// quarter of a microsecond: the bits after the millisecond hold its fraction (RFC 9562,
// section 6.2, method 3), and the 62 bits after those are random.
func New(now time.Time) string {
	var u uuid.UUID
	rand.Read(u[8:]) // never fails; see its documentation
	putTime(&u, now)
	u[8] = u[8]&0x3f | 0x80 // variant 10
	return u.String()
}

// Floor is the smallest id of the instant t: everything made at or after t sorts at or
// after it. Ids begin with 1970, and so does Floor.
func Floor(t time.Time) string {
	if epoch := time.UnixMilli(0); t.Before(epoch) {
		t = epoch
	}
	var u uuid.UUID
	putTime(&u, t)
	u[8] = 0x80
	return u.String()
}

// putTime writes milliseconds, version and the fraction of the millisecond.
func putTime(u *uuid.UUID, t time.Time) {
	ms := t.UnixMilli()
	fraction := uint64(t.Sub(time.UnixMilli(ms))) << 12 / uint64(time.Millisecond)
	binary.BigEndian.PutUint64(u[:8], uint64(ms)<<16|0x7000|fraction&0x0fff)
}

// Valid reports whether s is a UUID in its usual form of 36 lower-case characters. Other
// spellings of the same UUID are refused: an id has one form.
func Valid(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}

// Bytes returns the 16 bytes of a valid id.
func Bytes(id string) []byte {
	u := uuid.MustParse(id)
	return u[:]
}

// FromBytes is the reverse of Bytes, for exactly 16 bytes.
func FromBytes(b []byte) string {
	return uuid.UUID(b).String()
}
