package store

import (
	"fmt"
	"testing"

	"github.com/nemorouter/nemo-team/internal/spend"
)

// The row of all other models is none that models of their own fill, wherever in the batch
// the sums begin: a batch that had no room anywhere would never be counted.
func TestPlace_hasRoomForOtherModels(t *testing.T) {
	sums, own, other := key{"p", "s"}, map[key]bool{}, map[key]bool{}
	for first := range maxSheets {
		c := &chunk{rows: map[key]int{sums: first}, full: map[key][]string{}}
		for n := range maxSheets + 1 {
			at, model := c.place(nil, sums, fmt.Sprintf("model %d", n))
			if model == spend.OtherModels {
				other[at] = true
				continue
			}
			own[at], c.full[at] = true, []string{"another"}
		}
	}
	for at := range other {
		if own[at] {
			t.Errorf("%v is for both", at)
		}
	}
	if len(other) == 0 {
		t.Error("there is always room")
	}
}
