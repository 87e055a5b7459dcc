// reconcile is the scheduled function that adds spend events up anew, and reports where the
// sums that were kept as they came are others.
package main

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

func main() {
	app := wiring.New()
	reconciler := app.Reconciler()
	app.Run(func(ctx context.Context, p spend.Period) (spend.Findings, error) { return reconciler.Reconcile(ctx, p) })
}
