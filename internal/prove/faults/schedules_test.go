package faults_test

import (
	"context"
	"fmt"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// schedules are the operations that nobody asks for. Their next run repeats them.
var schedules = []operation{
	{call: "sweep", name: "expires", prepare: func(w *world) try {
		for range 2 { // each has a transaction of its own
			w.SignUp("Acme").Invite(apitest.Address("bob"), "member")
		}
		w.Clock.Advance(lifetime)
		return sweeps(w)
	}},
	{call: "sweep", name: "mails", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		mend := w.cut(refuseMail)
		ada.Invite(apitest.Address("bob"), "member")
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "alerts", prepare: func(w *world) try {
		again := overLine(w)
		mend := w.cut(refuseMail)
		again(w.Context()).Want(200)
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "purges", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		ada.Hire("member").WithKey("inference")
		ada.Invite(apitest.Address("bob"), "member")
		ada.Do("DELETE", "/v1/org", m{"confirm": slugOf(ada)}).Want(204)
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "feedback", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		id := ada.Invite(w.anew("bob"), "member")
		inv, err := w.Store.Invitation(w.Context(), ada.OrgID, id)
		if err != nil {
			w.Fatal(err)
		}
		n := feedback.Notice{
			Outcome: invites.Complained, At: w.Clock.Now(), Recipients: []string{w.last},
			OrgID: ada.OrgID, InvitationID: id, LetterID: inv.LetterID(),
		}
		return run(func(ctx context.Context) error { return feedback.Recorder{Store: w.Store}.Record(ctx, n) })
	}},
	{call: "reconcile", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		ask(w.Gateway(), "POST", "/v1/spend/events", []m{w.event(payer(ada), "0.01")})(w.Context()).Want(200)
		return run(func(ctx context.Context) error {
			found, err := w.Reconciler.Reconcile(ctx, spend.Period{OrgID: ada.OrgID, Month: w.Clock.Now().Format("2006-01")})
			if err == nil && (len(found.Differences) > 0 || found.Events != 1) {
				w.Errorf("sums differ from their events: %+v", found)
			}
			return err
		})
	}},
}

// sweeps is one run of the sweep. One that could not do all has failed, and the next does
// the rest.
func sweeps(w *world) try {
	return run(func(ctx context.Context) error {
		report, err := w.Sweeper.Sweep(ctx)
		if err == nil && (!report.Done || report.Failed > 0) {
			err = fmt.Errorf("left something: %+v", report)
		}
		return err
	})
}
