// reconcile is the scheduled function that adds spend events up anew, and reports where the
// sums that were kept as they came are others.
package main

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/nemorouter/nemo-team/internal/metric"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

func main() {
	app := wiring.New()
	reconciler := app.Reconciler()
	// An alarm stands on it, and a stage must not ring another's: the function's name tells them apart.
	count := metric.Counter{W: os.Stdout, Name: spend.DifferencesMetric, Dimension: spend.DifferencesOf}
	app.Run(func(ctx context.Context, p spend.Period) (spend.Findings, error) {
		found, err := reconciler.Reconcile(ctx, p)
		count.Add(time.Now(), lambdacontext.FunctionName, len(found.Differences))
		return found, err
	})
}
