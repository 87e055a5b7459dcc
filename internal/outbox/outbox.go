// Package outbox mails to people what they must hear of: at least once each, and lost by
// nobody.
//
// A notice is stored in the transaction of what it tells of. The request sends the mails
// right after it. What a crash or a failing mail service leaves, the sweep sends, with
// pauses that grow, until it gives up.
package outbox

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/ident"
)

const (
	// FirstRetry is how long the sweep leaves an unsent mail to the request that queued it.
	FirstRetry = time.Minute
	// MaxAttempts is how often the sweep tries to send a mail before giving up. The waits
	// double from FirstRetry: the last try comes after about a day.
	MaxAttempts = 11
)

// Patience is how long a request waits for the mails of its notices to go out. What is not
// sent by then is the sweep's to send.
const Patience = 5 * time.Second

// noting is how long it may take to note who has been told, when the mails have used up
// what time there was.
const noting = 2 * time.Second

// Retry is when the sweep tries again after so many attempts.
func Retry(now time.Time, attempts int) time.Time { return now.Add(FirstRetry << attempts) }

// Kind is what a notice tells of.
type Kind string

// The kinds of notices.
const (
	BudgetAlert          Kind = "budget_alert"
	RoleChanged          Kind = "role_changed"
	Removed              Kind = "removed"
	OwnershipTransferred Kind = "ownership_transferred"
)

// Notice is what all notices have. The nouns embed it in theirs.
type Notice struct {
	ID       string    `json:"id"`
	OrgID    string    `json:"org_id"`
	Kind     Kind      `json:"kind"`
	At       time.Time `json:"at"`
	Attempts int       `json:"attempts"` // of the sweep
	DueAt    time.Time `json:"due_at"`   // when the sweep looks at it
	Told     []string  `json:"told"`     // addresses that were mailed to when others could not be
}

// New returns a notice of what happens at now.
func New(now time.Time, orgID string, kind Kind) Notice {
	return Notice{ID: ident.New(now), OrgID: orgID, Kind: kind, At: now, DueAt: now.Add(FirstRetry), Told: []string{}}
}

// ErrTaken says that a notice is another sweep's, or done.
var ErrTaken = errors.New("outbox: the notice is not due any more")

// Store is what Sender needs.
type Store interface {
	// Unwanted returns those of the addresses that complained about our mails.
	Unwanted(ctx context.Context, addresses []string) (map[string]bool, error)
	// ClaimNotice stores attempts and due time of after, or returns ErrTaken if the notice
	// no longer is as before.
	ClaimNotice(ctx context.Context, before, after Notice) error
	// SaveTold stores who has been told.
	SaveTold(ctx context.Context, n Notice) error
	// FinishNotice removes the notice.
	FinishNotice(ctx context.Context, n Notice) error
}

// Sender sends what notices tell.
type Sender struct {
	Store Store
	Now   func() time.Time
}

// Send mails to all addresses that want it and have not been mailed to, and removes the
// notice when all have. An error means that the sweep has to go on.
func (s Sender) Send(ctx context.Context, n Notice, to []string, mail func(ctx context.Context, to string) error) error {
	unwanted, err := s.Store.Unwanted(ctx, to)
	if err != nil {
		return err
	}
	var failures []error
	for _, address := range to {
		if unwanted[address] || slices.Contains(n.Told, address) {
			continue
		}
		if err := mail(ctx, address); err != nil {
			failures = append(failures, err)
			continue
		}
		n.Told = append(n.Told, address)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noting)
	defer cancel()
	if len(failures) == 0 {
		return s.Store.FinishNotice(ctx, n)
	}
	return errors.Join(append(failures, s.Store.SaveTold(ctx, n))...)
}

// Claim takes a due notice for one sweep and puts it off until its next try, so that a mail
// that cannot be sent is not tried by every sweep. It returns ErrTaken when there is nothing
// to send: another sweep has it, or it was tried often enough.
func (s Sender) Claim(ctx context.Context, n Notice) (Notice, error) {
	next := n
	next.Attempts++
	if next.Attempts > MaxAttempts {
		slog.ErrorContext(ctx, "mail given up", "org_id", n.OrgID, "notice", n.ID, "kind", n.Kind, "told", len(n.Told))
		return n, errors.Join(ErrTaken, s.Store.FinishNotice(ctx, n))
	}
	next.DueAt = Retry(s.Now(), next.Attempts)
	return next, s.Store.ClaimNotice(ctx, n, next)
}
