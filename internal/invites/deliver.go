package invites

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// parallelMails bounds how many mails of one call are under way at once.
const parallelMails = 8

// Letter is what an invitation's mail says. Token goes nowhere else.
type Letter struct {
	Invitation Invitation
	OrgName    string
	Token      string
	Row        int // of New
}

// Mailer sends invitations. An error means that the mail may not have been sent.
type Mailer interface {
	SendInvitation(ctx context.Context, l Letter) error
}

// DeliverStore is what sending needs.
type DeliverStore interface {
	// SaveDelivery stores delivery, attempts and due time if the invitation is still
	// pending with the same token; otherwise it does nothing. A repeated request will find
	// it at its row as it is then.
	SaveDelivery(ctx context.Context, i Invitation, row int) error
}

// Deliverer sends an invitation's mail and notes what became of it.
type Deliverer struct {
	Store DeliverStore
	Mail  Mailer
	Now   func() time.Time
}

// Deliver sends the mail, if there is one to send, and returns the invitation as it is
// then. A mail that cannot be sent now is no failure of the caller's: it stays queued for
// the sweep.
func (d Deliverer) Deliver(ctx context.Context, l Letter) Invitation {
	inv := l.Invitation
	if inv.Delivery != Queued {
		return inv
	}
	if err := d.Mail.SendInvitation(ctx, l); err != nil {
		slog.ErrorContext(ctx, "invitation not sent; the sweep will retry", "org", inv.OrgID, "invitation", inv.ID, "error", err)
		return inv
	}
	sent := inv
	sent.Delivery, sent.DueAt = Sent, inv.ExpiresAt
	if err := d.Store.SaveDelivery(ctx, sent, l.Row); err != nil {
		// The mail went out and is not noted: the sweep will send another, whose link
		// replaces this one's. At least once is what is promised.
		slog.ErrorContext(ctx, "invitation sent but not noted", "org", inv.OrgID, "invitation", inv.ID, "error", err)
		return inv
	}
	return sent
}

// deliverAll sends the mails of drafts, some at a time, and updates their results. A request
// begins mails in the first half of the time that it has left, and keeps the last quarter
// for its answer: what is not sent by then stays queued.
func deliverAll(ctx context.Context, d Deliverer, orgName string, drafts []draft, results []Result) {
	begin, done := sooner(ctx, 2)
	defer done()
	ctx, cancel := sooner(ctx, 4)
	defer cancel()
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallelMails)
	for _, dr := range drafts {
		select {
		case <-begin.Done():
		case slots <- struct{}{}:
			wg.Go(func() {
				defer func() { <-slots }()
				results[dr.index].Invitation = d.Deliver(ctx, Letter{dr.Invitation, orgName, dr.token, dr.Row})
			})
		}
	}
	wg.Wait()
}

// sooner ends before ctx does, by the nth part of what is left of its time.
func sooner(ctx context.Context, n time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/n))
}

// Redeliverer is the sweep's way to send a mail that was never sent, or not noted.
type Redeliverer struct {
	Store RedeliverStore
	Mail  Mailer
	Now   func() time.Time
}

// RedeliverStore is what Redeliverer needs.
type RedeliverStore interface {
	DeliverStore
	// ClaimDelivery stores hash, delivery, attempts and due time of after if the invitation
	// still is as before. It returns ErrNotPending otherwise: another sweep has it, or it
	// was resent, accepted, …
	ClaimDelivery(ctx context.Context, before, after Invitation) error
	// Unwanted returns those of up to 100 addresses that complained about our mails.
	Unwanted(ctx context.Context, addresses []string) (map[string]bool, error)
}

// Redeliver claims the mail by giving the invitation a fresh token, then sends it. Two
// sweeps at once send one mail.
func (r Redeliverer) Redeliver(ctx context.Context, inv Invitation, orgName string) error {
	unwanted, err := r.Store.Unwanted(ctx, []string{inv.Email})
	if err != nil {
		return err
	}
	next := inv
	next.Attempts++
	if next.Attempts > outbox.MaxAttempts || unwanted[inv.Email] {
		next.silence()
		return r.Store.ClaimDelivery(ctx, inv, next)
	}
	token := next.renew()
	next.DueAt = earlier(outbox.Retry(r.Now(), next.Attempts), inv.ExpiresAt)
	if err := r.Store.ClaimDelivery(ctx, inv, next); err != nil {
		return err
	}
	Deliverer{r.Store, r.Mail, r.Now}.Deliver(ctx, Letter{Invitation: next, OrgName: orgName, Token: token})
	return nil
}

// systemEntry records what happens to an invitation by itself.
func systemEntry(now time.Time, action audit.Action, inv Invitation) audit.Entry {
	return audit.Record(now, system(inv.OrgID), action, inv.Target(), inv.values(), nil)
}
