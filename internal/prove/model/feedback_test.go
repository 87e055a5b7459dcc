package model

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// feedback tells what became of a mail: of the last one of an invitation, or of one before,
// once or twice. Who complains gets no more mails.
func (s *story) feedback() {
	var mailed []*invitation
	for _, o := range s.orgs {
		for _, i := range o.invitations {
			if len(i.tokens) > 0 {
				mailed = append(mailed, i)
			}
		}
	}
	i := pick(s, "invitation", mailed)
	token := pick(s, "mail", i.tokens)
	outcome := pick(s, "outcome", []invites.Delivery{invites.Bounced, invites.Complained})
	s.touched = true
	for range 1 + s.draw("again", 2) {
		err := (feedback.Recorder{Store: s.world.Store}).Record(context.Background(), feedback.Notice{
			Outcome: outcome, At: s.now, Recipients: []string{i.email}, OrgID: i.org.id, InvitationID: i.id, LetterID: hashOf(token)[:16],
		})
		s.unless(err == nil, "feedback fails: %v", err)
	}
	s.t.Logf("%s  a mail of %s %s", s.now.Format("02 15:04:05.000"), s.names[i.id], outcome)
	if outcome == invites.Complained {
		s.suppressed[i.email] = true
	}
	if i.good == token && i.outcome != "complained" {
		i.outcome = string(outcome)
	}
}
