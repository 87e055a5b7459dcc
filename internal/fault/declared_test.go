package fault

import (
	"slices"
	"testing"
)

func codesAndDetails() (got []string) {
	for _, e := range All() {
		got = append(got, e.Code+": "+e.Detail)
	}
	return got
}

func TestAll(t *testing.T) {
	before := len(All())
	first := New(Conflict, "aaa_taken", "First words.")
	New(Gone, "aaa_gone", "It has gone.")
	New(Conflict, "aaa_taken", "Other words.")
	New(Conflict, "aaa_mark", "")
	_ = first.Saying("Words of the moment.")
	_ = BadField("body.email", "No.")
	got := codesAndDetails()
	want := []string{"aaa_gone: It has gone.", "aaa_taken: First words.", "aaa_taken: Other words."}
	if !slices.Equal(got[:3], want) || len(got) != before+3 {
		t.Errorf("got %q, want %q and %d others", got, want, before)
	}
}

// The faults that belong to no noun are explained too, whoever makes them.
func TestAll_ownFaults(t *testing.T) {
	got := codesAndDetails()
	for _, e := range []*Error{ErrInternal, ErrUnauthorized, ErrNotFound, ErrRateLimited, ErrUnavailable, BadField("body.email", "No.")} {
		if !slices.Contains(got, e.Code+": "+e.Detail) {
			t.Errorf("%s is not listed", e.Code)
		}
	}
}
