package faults_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/sweep"
)

// schedules are the operations that nobody asks for. Their next run repeats them.
var schedules = []operation{
	{call: "sweep", name: "expires", due: "Invitation", prepare: func(w *world) try {
		for range 2 { // each has a transaction of its own
			w.SignUp("Acme").Invite(apitest.Address("bob"), "member")
		}
		w.Clock.Advance(lifetime)
		return sweeps(w)
	}},
	{call: "sweep", name: "mails", due: "Invitation", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		mend := w.cut(refuseMail)
		ada.Invite(apitest.Address("bob"), "member")
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "alerts", due: "Alert", prepare: func(w *world) try {
		again := overLine(w)
		mend := w.cut(refuseMail)
		again(w.Context()).Want(200)
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "news", due: "News", prepare: func(w *world) try {
		ada := w.SignUp("Acme")
		bob := ada.Hire("member")
		mend := w.cut(refuseMail)
		ada.Do("PATCH", "/v1/members/"+bob.ID, m{"role": "viewer"}).Want(200)
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "recounts", due: "Budget", prepare: func(w *world) try {
		ada, gateway := w.SignUp("Acme"), w.Gateway()
		k := payer(ada)
		mend := w.cut(apitest.Meanwhile("TransactWriteItems", func() { // the event is on its way, and has seen no budget
			ada.Do("PUT", "/v1/budgets/key/"+k.id, m{"limit_usd": 1, "period": "total"}).Want(200)
		}))
		ask(gateway, "POST", "/v1/spend/events", []m{w.event(k, "0.6")})(w.Context()).Want(200)
		mend()
		w.Clock.Advance(2 * time.Minute)
		return sweeps(w)
	}},
	{call: "sweep", name: "purges", due: "Org", prepare: func(w *world) try {
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

// Each kind of thing that falls due has a sweep of its own here: a new kind without a row in
// schedules fails.
func TestSchedules_knowEveryDueThing(t *testing.T) {
	for _, kind := range reflect.VisibleFields(reflect.TypeFor[sweep.Thing]()) {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			rows := 0
			for _, op := range schedules {
				if op.due == kind.Name {
					rows++
					w := newWorld(t)
					op.prepare(w)
					if !slices.ContainsFunc(w.due(), func(thing sweep.Thing) bool { return !reflect.ValueOf(thing).FieldByIndex(kind.Index).IsNil() }) {
						t.Errorf("the sweep that %s has none to look at", op.name)
					}
				}
			}
			if rows == 0 {
				t.Errorf("no sweep of it is ever cut: add a row to schedules")
			}
		})
	}
}

// due is all that a sweep would look at now.
func (w *world) due() (all []sweep.Thing) {
	w.Helper()
	for shard := range w.Sweeper.Shards {
		err := w.Store.EachDue(w.Context(), shard, w.Clock.Now(), func(some []sweep.Thing) error {
			all = append(all, some...)
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	return all
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
