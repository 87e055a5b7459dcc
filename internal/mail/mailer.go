// Package mail writes what this program mails, and sends it through SES.
//
// Every mail has a text and an HTML part from embedded templates. Headers hold nothing
// that a tenant chose: subjects and the sender's name are fixed. Links start with the
// configured public URL, never with a request's Host.
package mail

import (
	"context"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"

	"github.com/nemorouter/nemo-team/internal/address"
	"github.com/nemorouter/nemo-team/internal/fault"
)

// senderName is the display name of the sender of every mail.
const senderName = "nemo-team"

// SES is what Mailer needs of the SES client.
type SES interface {
	SendEmail(context.Context, *ses.SendEmailInput, ...func(*ses.Options)) (*ses.SendEmailOutput, error)
}

// Mailer sends mails. It implements the nouns' mailers.
type Mailer struct {
	SES              SES
	From             string // the sender's address, verified with SES
	PublicURL        string // what every link starts with, such as https://team.example.com
	ConfigurationSet string // routes bounces and complaints back to us; may be empty
}

// message is a rendered mail.
type message struct {
	to, subject, text, html string
	tags                    map[string]string // come back with bounces and complaints
}

// RetryAfter is when to ask again after SES has failed. Each try counts against what one
// address may ask for in an hour, so it is not at once.
const RetryAfter = time.Minute

// patience is how long SES may take over a mail, which is well below a second as a rule. One
// that hangs must not use up the time of those behind it.
const patience = 3 * time.Second

// send hands the message to SES. A failure of SES is fault.ErrUnavailable.
func (m Mailer) send(ctx context.Context, msg message) error {
	in, err := m.input(msg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := m.SES.SendEmail(ctx, in); err != nil {
		return fault.ErrUnavailable.Because(fmt.Errorf("mail: %w", err)).After(RetryAfter)
	}
	return nil
}

func (m Mailer) input(msg message) (*ses.SendEmailInput, error) {
	if err := checkHeaders(m.From, msg.to, msg.subject); err != nil {
		return nil, err
	}
	from := mail.Address{Name: senderName, Address: m.From}
	in := &ses.SendEmailInput{
		Source:      aws.String(from.String()),
		Destination: &types.Destination{ToAddresses: []string{msg.to}},
		Message: &types.Message{
			Subject: content(msg.subject),
			Body:    &types.Body{Text: content(msg.text), Html: content(msg.html)},
		},
	}
	for name, value := range msg.tags {
		in.Tags = append(in.Tags, types.MessageTag{Name: aws.String(name), Value: aws.String(value)})
	}
	if m.ConfigurationSet != "" {
		in.ConfigurationSetName = aws.String(m.ConfigurationSet)
	}
	return in, nil
}

func content(s string) *types.Content {
	return &types.Content{Data: aws.String(s), Charset: aws.String("UTF-8")}
}

// checkHeaders refuses what could add a header or a recipient. Input refuses it too; this
// is the last place before the wire, and it trusts nobody.
func checkHeaders(from, to, subject string) error {
	for _, s := range []string{from, to, subject} {
		if strings.ContainsFunc(s, unicode.IsControl) {
			return fmt.Errorf("mail: control character in a header: %q", s)
		}
	}
	if normal, err := address.Normalise(to); err != nil || normal != to {
		return fmt.Errorf("mail: recipient is not an address in its normal form: %q", to)
	}
	return nil
}

// link is an address on our own site.
func (m Mailer) link(path string) string { return strings.TrimRight(m.PublicURL, "/") + path }
