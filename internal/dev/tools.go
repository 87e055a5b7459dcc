package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/web"
)

// tools are the addresses under /_dev, which exist here and nowhere else.
type tools struct {
	mailbox *sesmail.Mailbox
	sweeper sweep.Sweeper
}

// Mount adds the tools.
func (t tools) Mount(api *web.API) {
	api.Handle("/_dev/mail", t.mailbox.Handler())
	api.Handle("POST /_dev/expire", http.HandlerFunc(t.expire))
}

// expire runs the scheduled function now.
func (t tools) expire(w http.ResponseWriter, r *http.Request) {
	report, err := t.sweeper.Sweep(r.Context())
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(report) // whoever asked may be gone
}

// sweepEvery stands in for the schedule.
func sweepEvery(ctx context.Context, every time.Duration, s sweep.Sweeper) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
			if _, err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
				slog.Error("sweep failed", "error", err)
			}
		}
	}
}
