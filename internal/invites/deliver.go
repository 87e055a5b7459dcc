package invites

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
)

const (
	// firstRetry is how long the sweep leaves an unsent mail to the request that queued it.
	firstRetry = time.Minute
	// MaxAttempts is how often the sweep tries to send a mail before giving up. The waits
	// double from firstRetry: the last try comes after about a day.
	MaxAttempts = 11
	// parallelMails bounds how many mails of one call are under way at once.
	parallelMails = 8
)

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
	// Unwanted returns those of up to 100 addresses that complained about our mails.
	Unwanted(ctx context.Context, addresses []string) (map[string]bool, error)
}

// Deliverer sends an invitation's mail and notes what became of it.
type Deliverer struct {
	Store DeliverStore
	Mail  Mailer
	Now   func() time.Time
}

// Deliver sends the mail, unless its address wants none, and returns the invitation as it
// is then. A mail that cannot be sent now is no failure of the caller's: it stays queued
// for the sweep.
func (d Deliverer) Deliver(ctx context.Context, l Letter) Invitation {
	unwanted, err := d.Store.Unwanted(ctx, []string{l.Invitation.Email})
	return d.deliver(ctx, l, unwanted, err)
}

// deliver is Deliver for a caller who has asked already who wants no mail, and maybe in
// vain: then nobody gets any yet.
func (d Deliverer) deliver(ctx context.Context, l Letter, unwanted map[string]bool, unknown error) Invitation {
	inv, outcome := l.Invitation, Sent
	err := unknown
	switch {
	case unwanted[inv.Email]:
		outcome = Failed
	case err == nil:
		err = d.Mail.SendInvitation(ctx, l)
	}
	if err != nil {
		slog.ErrorContext(ctx, "invitation not sent; the sweep will retry", "org", inv.OrgID, "invitation", inv.ID, "error", err)
		return inv
	}
	sent := inv
	sent.Delivery, sent.DueAt = outcome, inv.ExpiresAt
	if err := d.Store.SaveDelivery(ctx, sent, l.Row); err != nil {
		// The mail went out and is not noted: the sweep will send another, whose link
		// replaces this one's. At least once is what is promised.
		slog.ErrorContext(ctx, "invitation sent but not noted", "org", inv.OrgID, "invitation", inv.ID, "error", err)
		return inv
	}
	return sent
}

// deliverAll sends the mails of drafts, some at a time, and updates their results.
func deliverAll(ctx context.Context, d Deliverer, orgName string, drafts []draft, unwanted map[string]bool, unknown error, results []Result) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallelMails)
	for _, dr := range drafts {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			results[dr.index].Invitation = d.deliver(ctx, Letter{dr.Invitation, orgName, dr.token, dr.Row}, unwanted, unknown)
		})
	}
	wg.Wait()
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
}

// Redeliver claims the mail by giving the invitation a fresh token, then sends it. Two
// sweeps at once send one mail.
func (r Redeliverer) Redeliver(ctx context.Context, inv Invitation, orgName string) error {
	next := inv
	next.Attempts++
	if next.Attempts > MaxAttempts {
		next.Delivery, next.DueAt = Failed, inv.ExpiresAt
		return r.Store.ClaimDelivery(ctx, inv, next)
	}
	token := next.renew()
	next.DueAt = earlier(r.Now().Add(firstRetry<<next.Attempts), inv.ExpiresAt)
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
