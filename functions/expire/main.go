// expire is the scheduled function: it expires due invitations, sends mails that were never
// sent, recounts budgets that were set or crossed a line, and purges deleted organizations.
package main

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/wiring/mailing"
)

func main() {
	app := mailing.New()
	sweeper := app.Sweeper()
	app.Run(func(ctx context.Context) (sweep.Report, error) { return sweeper.Sweep(ctx) })
}
