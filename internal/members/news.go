package members

import (
	"context"
	"log/slog"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

// News is what somebody did to a membership, as those whom it concerns are told. Names are
// those of the time.
type News struct {
	outbox.Notice
	OrgName string     `json:"org_name"`
	By      Person     `json:"by"`     // who did it
	Member  Person     `json:"member"` // to whom
	Before  authz.Role `json:"before"` // the member's role
	After   authz.Role `json:"after,omitempty"`
}

// Person is somebody whom a mail speaks of. The name may be empty.
type Person struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email"`
}

// newNews returns the news that actor did something to m. People are not told of what they
// did to themselves: that is no news.
func newNews(now time.Time, actor authz.Actor, kind outbox.Kind, m Member, after authz.Role) *News {
	if actor.UserID == m.UserID {
		return nil
	}
	return &News{
		Notice: outbox.New(now, actor.OrgID, kind), OrgName: actor.OrgName,
		By: Person{actor.Name, actor.Email}, Member: Person{m.Name, m.Email}, Before: m.Role, After: after,
	}
}

// readers are the addresses of those whom it concerns.
func (n News) readers() []string {
	if n.Kind == outbox.OwnershipTransferred { // a thief of the old owner's session would not tell
		return []string{n.Member.Email, n.By.Email}
	}
	return []string{n.Member.Email}
}

// NewsMailer mails news. An error means that nothing was sent.
type NewsMailer interface {
	SendNews(ctx context.Context, to string, n News) error
}

// Teller tells people what was done to their memberships.
type Teller struct {
	Outbox outbox.Sender
	Mail   NewsMailer
}

// tell mails news that were just stored. It fails nobody's request: what is not told now,
// the sweep tells.
func (t Teller) tell(ctx context.Context, n *News) {
	if n == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, outbox.Patience)
	defer cancel()
	if err := t.send(ctx, *n); err != nil {
		slog.ErrorContext(ctx, "news left for the sweep", "org_id", n.OrgID, "notice", n.ID, "error", err)
	}
}

// Retell is the sweep's way to tell news that are due. It returns outbox.ErrTaken when
// another sweep has them.
func (t Teller) Retell(ctx context.Context, n News) (err error) {
	if n.Notice, err = t.Outbox.Claim(ctx, n.Notice); err != nil {
		return err
	}
	return t.send(ctx, n)
}

func (t Teller) send(ctx context.Context, n News) error {
	return t.Outbox.Send(ctx, n.Notice, n.readers(), func(ctx context.Context, to string) error {
		return t.Mail.SendNews(ctx, to, n)
	})
}
