// Package sesmail stands in for Amazon SES on one machine: an endpoint that
// takes mail from the AWS SDK, and a mailbox that shows it in a browser.
package sesmail

import (
	"slices"
	"strings"
	"time"
)

// Mail is one accepted mail.
type Mail struct {
	ID               string            `json:"id"` // SES's message id; later mails have greater ones
	From             string            `json:"from"`
	To               string            `json:"to"` // every recipient, Cc and Bcc included, joined by ", "
	Subject          string            `json:"subject"`
	Text             string            `json:"text"`
	HTML             string            `json:"html"`
	At               time.Time         `json:"at"` // UTC
	Tags             map[string]string `json:"tags"`
	ConfigurationSet string            `json:"configuration_set"`
}

const recipientSeparator = ", "

// isFor reports whether the address is among the recipients.
func (m Mail) isFor(address string) bool {
	return slices.ContainsFunc(strings.Split(m.To, recipientSeparator), func(to string) bool {
		return strings.EqualFold(to, address)
	})
}
