// Package histories_test lets many clients act at once on few orgs, notes what each asked
// and was told, and holds the notes against the table afterwards.
package histories_test

import (
	"log/slog"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // faults are logged by the thousand
	apitest.Main(m)
}
