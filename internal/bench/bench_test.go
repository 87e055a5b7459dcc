// Package bench measures what each operation costs: what a machine cannot change first
// (round trips, capacity units, allocations), then times. `make bench` prints the table,
// and a test holds the first half against testdata/costs.txt.
package bench_test

import (
	"log/slog"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the figures are what is to be read
	apitest.Main(m)
}
