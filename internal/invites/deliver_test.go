package invites

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// hanging is a mail service that never answers.
type hanging struct{ begun atomic.Int64 }

func (h *hanging) SendInvitation(ctx context.Context, _ Letter) error {
	h.begun.Add(1)
	<-ctx.Done()
	return ctx.Err()
}

// While mails hang, no others are begun that would be given up at once, and time is left for
// the answer.
func TestDeliverAll_leavesTime(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	drafts, results := make([]draft, 3*parallelMails), make([]Result, 3*parallelMails)
	for i := range drafts {
		drafts[i].index, drafts[i].Invitation.Delivery = i, Queued
	}
	var mail hanging
	deliverAll(ctx, Deliverer{Mail: &mail, Now: time.Now}, "Acme", drafts, results)
	if ctx.Err() != nil {
		t.Error("no time is left")
	}
	if n := mail.begun.Load(); n != parallelMails {
		t.Errorf("%d mails were begun, want %d", n, parallelMails)
	}
}
