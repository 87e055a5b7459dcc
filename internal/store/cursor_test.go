package store

import (
	"strings"
	"testing"
)

// Whatever comes as a cursor is refused or leads into the caller's own listing.
func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"", "x", "e30", position{}.cursor(), position{Phase: 1, Sort: "KEY#1", Index: "i"}.cursor(), position{Phase: -1}.cursor(), "bnVsbA"} {
		f.Add(s)
	}
	l := tenant("mine").indexed(byUser, tenant("mine").group(keyGroup, "me"))
	chain := []listing{tenant("mine").all(keyPrefix), l}
	f.Fuzz(func(t *testing.T, s string) {
		at, err := parseCursor(s, chain)
		if err != nil {
			return
		}
		if at.Phase < 0 || at.Phase > 1 || len(s) > maxCursor {
			t.Errorf("%+v", at)
		}
		if start := l.startKey(at); start != nil && (text(start, HashAttribute) != tenant("mine").org().PK || text(start, byUser.hash) != l.group) {
			t.Errorf("%q leads elsewhere: %v", s, start)
		}
		if strings.TrimSpace(s) != "" {
			if again, err := parseCursor(at.cursor(), chain); err != nil && len(at.cursor()) <= maxCursor || err == nil && again != at {
				t.Errorf("%+v became %+v, %v", at, again, err)
			}
		}
	})
}
