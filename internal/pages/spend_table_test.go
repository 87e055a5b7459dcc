package pages

import (
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/nemorouter/nemo-team/internal/spend"
)

// Every row that an answer may have is on some page.
func TestTableOffset(t *testing.T) {
	const last = spend.MaxGroups / tableSize
	for page, want := range map[int]int{0: 0, 1: 0, 2: tableSize, last: spend.MaxGroups - tableSize, last + 1: 0} {
		v := visit{r: httptest.NewRequest("GET", "/acme/spend?page="+strconv.Itoa(page), nil)}
		if got := v.tableOffset(); got != want {
			t.Errorf("page %d begins at %d, want %d", page, got, want)
		}
	}
}
