package apitest

import (
	"context"
	"regexp"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// Outbox stands in for SES behind the program's own mailer: it keeps each mail as it would
// go out, and tells the world's Mail of it.
type Outbox struct {
	mu      sync.Mutex
	letters []*ses.SendEmailInput
	mail    *Mail
}

// Writing lets the program write its mails, into o.
func (o *Outbox) Writing() Option {
	return func(s *wiring.Settings) {
		o.mail, _ = s.Mailer.(*Mail)
		s.Mailer = mail.Mailer{SES: o, From: "team@nemo.test", PublicURL: s.PublicURL}
	}
}

// Letters are all mails so far.
func (o *Outbox) Letters() []*ses.SendEmailInput {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.letters
}

var mailedToken = regexp.MustCompile(`nemo_(?:invite|link)_[0-9A-Za-z_-]+`)

// SendEmail keeps a mail.
func (o *Outbox) SendEmail(_ context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	text := aws.ToString(in.Message.Body.Text.Data)
	if err := o.mail.send(Sent{To: in.Destination.ToAddresses[0], Token: mailedToken.FindString(text)}); err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.letters = append(o.letters, in)
	return &ses.SendEmailOutput{MessageId: aws.String("1")}, nil
}
