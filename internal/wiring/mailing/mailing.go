// Package mailing is wiring for programs that send mail. It stands apart because a program
// pays at every start for all that it links, used or not: SES's client is a tenth of what a
// cold start makes.
package mailing

import (
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// New returns an app as wiring.New does, which sends its mail through SES.
func New() *wiring.App { return wiring.New().WithMail(throughSES) }

func throughSES(s wiring.MailSettings) wiring.Mailer {
	client := ses.New(ses.Options{Region: s.Region, Credentials: s.Credentials, BaseEndpoint: s.Endpoint})
	return mail.Mailer{SES: client, From: s.From, PublicURL: s.PublicURL, ConfigurationSet: s.ConfigurationSet}
}
