package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/web"
)

// tools are the addresses under /_dev, which exist here and nowhere else.
type tools struct {
	mailbox *sesmail.Mailbox
	sweeper sweep.Sweeper

	reconciler spend.Reconciler
	feedback   func(context.Context, feedback.Notice) error
}

// Mount adds the tools.
func (t tools) Mount(api *web.API) {
	api.Handle("/_dev/mail", t.mailbox.Handler())
	api.Handle("POST /_dev/expire", http.HandlerFunc(t.expire))
	api.Handle("POST /_dev/bounce", http.HandlerFunc(t.bounce))
	api.Handle("POST /_dev/reconcile", http.HandlerFunc(t.reconcile))
}

// reconcile compares sums of spend with events, of all orgs, in the month of ?month=2026-10
// or in this one.
func (t tools) reconcile(w http.ResponseWriter, r *http.Request) {
	p := spend.Period{OrgID: r.FormValue("org_id"), Month: cmp.Or(r.FormValue("month"), time.Now().UTC().Format("2006-01"))}
	found, err := t.reconciler.Reconcile(r.Context(), p)
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(found) // whoever asked may be gone
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

// bounce tells the program that the last mail to ?to=bob@acme.example bounced, as SES would.
func (t tools) bounce(w http.ResponseWriter, r *http.Request) {
	mails := t.mailbox.List(r.FormValue("to"))
	if len(mails) == 0 {
		web.WriteProblem(w, r, fault.ErrNotFound.Saying("No mail went to that address."))
		return
	}
	last := mails[0]
	err := t.feedback(r.Context(), feedback.Notice{
		Outcome: invites.Bounced, At: time.Now().UTC(), Recipients: []string{last.To},
		OrgID: last.Tags[feedback.TagOrgID], InvitationID: last.Tags[feedback.TagInvitationID], LetterID: last.Tags[feedback.TagLetterID],
	})
	if err != nil {
		web.WriteProblem(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
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
