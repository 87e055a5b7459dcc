package ident

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 123_456_789, time.UTC)

func TestNew_isUUIDv7OfItsTime(t *testing.T) {
	u, err := uuid.Parse(New(noon))
	if err != nil || u.Version() != 7 || u.Variant() != uuid.RFC4122 {
		t.Fatalf("%v is of version %d, variant %v (%v)", u, u.Version(), u.Variant(), err)
	}
	if sec, nsec := u.Time().UnixTime(); time.Unix(sec, nsec).UnixMilli() != noon.UnixMilli() {
		t.Errorf("it is of %v", time.Unix(sec, nsec))
	}
}

func TestNew_sortsByTimeAndNeverRepeats(t *testing.T) {
	var ids []string
	for i := range 10_000 {
		ids = append(ids, New(noon.Add(time.Duration(i)*time.Microsecond)))
	}
	if !slices.IsSorted(ids) {
		t.Error("ids that were made later do not sort later")
	}
	seen := map[string]bool{}
	for range 10_000 {
		seen[New(noon)] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d of 10,000 ids of one moment differ", len(seen))
	}
}

func TestFloor_partsBeforeFromAfter(t *testing.T) {
	for _, at := range []time.Time{noon, noon.Truncate(time.Millisecond), noon.Truncate(time.Hour)} {
		floor := Floor(at)
		if !Valid(floor) {
			t.Errorf("%s is no id", floor)
		}
		if before := New(at.Add(-time.Microsecond)); before >= floor {
			t.Errorf("%s, made before %v, is not below %s", before, at, floor)
		}
		if New(at) < floor {
			t.Errorf("an id of %v is below its floor", at)
		}
	}
}

// Before 1970 there are no ids: all are after it.
func TestFloor_beforeTheFirst(t *testing.T) {
	for _, at := range []time.Time{time.Unix(-1, 0), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(0, 0)} {
		if floor := Floor(at); floor > New(time.Unix(0, 1)) || !strings.HasPrefix(floor, "00000000-0000-7000-8000") {
			t.Errorf("the floor of %v is %s", at, floor)
		}
	}
}

func TestValid(t *testing.T) {
	id := New(noon)
	if !Valid(id) {
		t.Errorf("%s is refused", id)
	}
	for _, s := range []string{
		"", "x", strings.ToUpper(id), "{" + id + "}", "urn:uuid:" + id, strings.ReplaceAll(id, "-", ""), id + " ", " " + id, id[:35], id + "0",
	} {
		if Valid(s) {
			t.Errorf("%q is an id", s)
		}
	}
}

// FuzzValid: what is valid goes through bytes and back unchanged.
func FuzzValid(f *testing.F) {
	f.Add(New(noon))
	f.Add("01A20979-F827-7424-BA8A-B106BD1138A0")
	f.Add("{01a20979-f827-7424-ba8a-b106bd1138a0}")
	f.Fuzz(func(t *testing.T, s string) {
		if Valid(s) && FromBytes(Bytes(s)) != s {
			t.Errorf("%q came back as %q", s, FromBytes(Bytes(s)))
		}
	})
}
