package apitest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/members"
)

// Sent is one mail that the program sent.
type Sent struct {
	Kind  string // invitation, sign-in, no-account, sign-up, has-account, role_changed, …
	To    string
	Token string // of its link, if it has one
	About string // the id of an invitation
}

// Mail is the program's mailer. It keeps what was sent, and fails when told to.
type Mail struct {
	mu   sync.Mutex
	sent []Sent
	fail error
}

// ErrMail is what a failing mailer says: what package mail says when SES fails.
var ErrMail = fault.ErrUnavailable.Because(errors.New("apitest: no mail today")).After(mail.RetryAfter)

// Fail makes sending fail, or work again.
func (m *Mail) Fail(fail bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fail = nil
	if fail {
		m.fail = ErrMail
	}
}

func (m *Mail) send(s Sent) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.sent = append(m.sent, s)
	return nil
}

// To returns the mails to an address, oldest first.
func (m *Mail) To(address string) []Sent {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []Sent
	for _, s := range m.sent {
		if s.To == address {
			found = append(found, s)
		}
	}
	return found
}

// Token returns the token of the last mail to an address, or "".
func (m *Mail) Token(address string) string {
	sent := m.To(address)
	if len(sent) == 0 {
		return ""
	}
	return sent[len(sent)-1].Token
}

// TokenOf returns the token that was last mailed of an invitation, or "". A sweep mails to
// one address in any order.
func (m *Mail) TokenOf(invitationID string) (token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range m.sent {
		if s.About == invitationID {
			token = s.Token
		}
	}
	return token
}

// SendInvitation keeps the mail.
func (m *Mail) SendInvitation(_ context.Context, l invites.Letter) error {
	return m.send(Sent{"invitation", l.Invitation.Email, l.Token, l.Invitation.ID})
}

// SendSignIn keeps the mail.
func (m *Mail) SendSignIn(_ context.Context, to, token string) error {
	return m.send(Sent{Kind: "sign-in", To: to, Token: token})
}

// SendNoAccount keeps the mail.
func (m *Mail) SendNoAccount(_ context.Context, to string) error {
	return m.send(Sent{Kind: "no-account", To: to})
}

// SendSignUp keeps the mail.
func (m *Mail) SendSignUp(_ context.Context, to, _, token string) error {
	return m.send(Sent{Kind: "sign-up", To: to, Token: token})
}

// SendBudgetAlert keeps the mail.
func (m *Mail) SendBudgetAlert(_ context.Context, to string, l budgets.Letter) error {
	return m.send(Sent{Kind: fmt.Sprintf("budget-alert %s %d%%", l.Scope, l.Percent), To: to})
}

// SendToNobody keeps that it was asked for.
func (m *Mail) SendToNobody(context.Context) error { return m.send(Sent{Kind: "nobody"}) }

// SendNews keeps the mail.
func (m *Mail) SendNews(_ context.Context, to string, n members.News) error {
	return m.send(Sent{Kind: string(n.Kind), To: to})
}

// SendHasAccount keeps the mail.
func (m *Mail) SendHasAccount(_ context.Context, to string) error {
	return m.send(Sent{Kind: "has-account", To: to})
}
