// Package sweep is what the scheduled function does: it expires invitations that are due,
// sends the mails that were never sent, recounts budgets that were set or crossed a line, and
// purges deleted orgs.
//
// It works through the shards of an index of due things, a page at a time, and then purges:
// a large org takes what time is left, and no mail should wait for it. Whatever it does has a
// condition of its own, so any number of sweeps may run at once, stop anywhere and start
// again; what is done is no longer due.
package sweep

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// Thing is one due thing: an invitation, an alert, news, a budget or a deleted org.
type Thing struct {
	Alert      *budgets.Alert
	Budget     *budgets.Budget
	News       *members.News
	Invitation *invites.Invitation
	Org        *orgs.Org
}

// Report counts what a sweep did.
type Report struct {
	Expired     int  `json:"expired"`
	Redelivered int  `json:"redelivered"` // mails that it tried to send
	Recounted   int  `json:"recounted"`   // budgets that it looked at
	Purged      int  `json:"purged"`
	Failed      int  `json:"failed"` // things left for the next sweep because of errors
	Done        bool `json:"done"`   // false if time ran out before everything due was looked at
}

// Store is what a sweep reads.
type Store interface {
	// EachDue hands out what one shard holds as due at now, some at a time; possibly stale.
	EachDue(ctx context.Context, shard int, now time.Time, visit func([]Thing) error) error
	// OrgsByID reads up to 100 orgs.
	OrgsByID(ctx context.Context, ids []string) (map[string]orgs.Org, error)
}

// Sweeper does one sweep at a time.
type Sweeper struct {
	Store   Store
	Expire  invites.Expirer
	Deliver invites.Redeliverer
	Alert   budgets.Alerter
	Recount budgets.Recounter
	Tell    members.Teller
	Purge   orgs.Purger
	Now     func() time.Time
	Shards  int
}

const (
	// workers is how many shards are swept at once, and then how many orgs are purged.
	workers = 4
	// mostDeleted is how many deleted orgs a sweep keeps in mind; the next one finds the others.
	mostDeleted = 1000
	// reserve is what a sweep keeps of its time to end in order.
	reserve = 5 * time.Second
)

// Sweep looks at everything that is due now, or at as much as ctx's deadline allows. It
// returns an error only if nothing at all could be looked at; single failures are counted
// and logged, and come up again in the next sweep.
func (s Sweeper) Sweep(ctx context.Context) (Report, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	run := &run{Sweeper: s, now: s.Now(), report: Report{Done: true}}
	order := rand.Perm(s.Shards) // two sweeps at once are rarely at the same shard
	atOnce(s.Shards, func(i int) { run.shard(ctx, order[i]) })
	if run.shardsRead == 0 {
		return run.report, run.lastErr
	}
	atOnce(len(run.deleted), func(i int) { run.purge(ctx, run.deleted[i]) })
	return run.report, nil
}

// atOnce does all of n things, some at a time.
func atOnce(n int, do func(i int)) {
	next := make(chan int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// run is one sweep under way.
type run struct {
	Sweeper
	now time.Time

	mu         sync.Mutex
	report     Report
	deleted    []orgs.Org
	shardsRead int
	lastErr    error
}

func (r *run) shard(ctx context.Context, shard int) {
	err := r.Store.EachDue(ctx, shard, r.now, func(due []Thing) error {
		return r.page(ctx, due)
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.shardsRead++
		return
	}
	r.report.Done, r.lastErr = false, err
	if ctx.Err() == nil {
		slog.ErrorContext(ctx, "shard not swept", "shard", shard, "error", err)
	}
}

// page does what is due. Its error ends the shard: it is the end of time.
func (r *run) page(ctx context.Context, due []Thing) error {
	expiring := map[string][]invites.Invitation{}
	var unsent []invites.Invitation
	for _, thing := range due {
		switch {
		case thing.Org != nil:
			r.doom(*thing.Org)
		case thing.Alert != nil:
			r.sent(ctx, r.Alert.Redeliver(ctx, *thing.Alert))
		case thing.Budget != nil:
			err := r.Recount.Recount(ctx, *thing.Budget)
			r.count(ctx, err, func(to *Report) { to.Recounted++ })
		case thing.News != nil:
			r.sent(ctx, r.Tell.Retell(ctx, *thing.News))
		case !r.now.Before(thing.Invitation.ExpiresAt):
			expiring[thing.Invitation.OrgID] = append(expiring[thing.Invitation.OrgID], *thing.Invitation)
		default:
			unsent = append(unsent, *thing.Invitation)
		}
	}
	for _, invitations := range expiring {
		n, err := r.Expire.Expire(ctx, invitations)
		r.count(ctx, err, func(to *Report) { to.Expired += n })
	}
	r.redeliver(ctx, unsent)
	return ctx.Err()
}

// doom keeps an org for the purge, when the shards are read.
func (r *run) doom(o orgs.Org) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.deleted) < mostDeleted {
		r.deleted = append(r.deleted, o)
	} else {
		r.report.Done = false
	}
}

func (r *run) purge(ctx context.Context, o orgs.Org) {
	err := r.Purge.Purge(ctx, o)
	if ctx.Err() != nil { // it goes on in the next sweep
		r.mu.Lock()
		defer r.mu.Unlock()
		r.report.Done = false
		return
	}
	r.count(ctx, err, func(to *Report) {
		if err == nil {
			to.Purged++
		}
	})
}

// redeliver sends the mails of invitations whose orgs live.
func (r *run) redeliver(ctx context.Context, unsent []invites.Invitation) {
	if len(unsent) == 0 {
		return
	}
	owners, err := r.Store.OrgsByID(ctx, orgIDs(unsent))
	if err != nil {
		r.count(ctx, err, func(*Report) {})
		return
	}
	for _, inv := range unsent {
		org, ok := owners[inv.OrgID]
		if !ok || !org.Live() {
			continue
		}
		r.sent(ctx, r.Deliver.Redeliver(ctx, inv, org.Name))
	}
}

// sent counts a mail that was tried, unless it was stale or another sweep has it.
func (r *run) sent(ctx context.Context, err error) {
	if errors.Is(err, invites.ErrNotPending) || errors.Is(err, outbox.ErrTaken) {
		return
	}
	r.count(ctx, err, func(to *Report) { to.Redelivered++ })
}

func orgIDs(invitations []invites.Invitation) []string {
	seen := map[string]bool{}
	var ids []string
	for _, inv := range invitations {
		if !seen[inv.OrgID] {
			seen[inv.OrgID] = true
			ids = append(ids, inv.OrgID)
		}
	}
	return ids
}

// count adds to the report, and an error to its failures.
func (r *run) count(ctx context.Context, err error, add func(*Report)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	add(&r.report)
	if err != nil {
		r.report.Failed++
		slog.ErrorContext(ctx, "due thing left for the next sweep", "error", err)
	}
}
