// Package mailing is wiring for programs that send mail. It stands apart because a program
// makes the variables of all packages that it links at every cold start, used or not: those
// of SES's client are 100 kB.
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
