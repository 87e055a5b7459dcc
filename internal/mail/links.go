package mail

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/sessions"
)

// minutes is how long the links of this file work, for the words around them.
const minutes = int(sessions.LinkLifetime / time.Minute)

var (
	signIn     = newLetter[signInData]("sign_in", "Your sign-in link for nemo-team")
	noAccount  = newLetter[noAccountData]("no_account", "There is no nemo-team account for this address")
	signUp     = newLetter[signUpData]("sign_up", "Confirm your new organization on nemo-team")
	hasAccount = newLetter[hasAccountData]("has_account", "You already have a nemo-team account")
)

type signInData struct {
	To, Link string
	Minutes  int
}

// SendSignIn mails a link that signs its reader in, once.
func (m Mailer) SendSignIn(ctx context.Context, to, token string) error {
	return signIn.send(ctx, m, to, signInData{To: to, Link: m.link("/signin/" + token), Minutes: minutes}, nil)
}

type noAccountData struct{ To, Link string }

// SendNoAccount tells the address that there is nothing to sign in to, and how to begin.
func (m Mailer) SendNoAccount(ctx context.Context, to string) error {
	return noAccount.send(ctx, m, to, noAccountData{To: to, Link: m.link("/signup")}, nil)
}

type signUpData struct {
	To, OrgName, Link string
	Minutes           int
}

// SendSignUp mails a link that founds the organization, once.
func (m Mailer) SendSignUp(ctx context.Context, to, orgName, token string) error {
	data := signUpData{To: to, OrgName: orgName, Link: m.link("/signup/" + token), Minutes: minutes}
	return signUp.send(ctx, m, to, data, nil)
}

type hasAccountData struct{ To, Link string }

// SendHasAccount tells the address that it is in an organization already, and how to sign in.
func (m Mailer) SendHasAccount(ctx context.Context, to string) error {
	return hasAccount.send(ctx, m, to, hasAccountData{To: to, Link: m.link("/signin")}, nil)
}

// nobody is a mailbox of SES that takes every mail and keeps none. Mails to it count to no
// rate of bounces or complaints.
const nobody = "success@simulator.amazonses.com"

// SendToNobody makes the call to SES that a mail with a link makes, for an address that gets
// none. Only the address differs: the work, the time and what can fail are the same.
func (m Mailer) SendToNobody(ctx context.Context) error { return m.SendNoAccount(ctx, nobody) }
