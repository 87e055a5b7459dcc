package notices

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
)

// event is what a configuration set publishes, as far as it matters here.
type event struct {
	EventType string `json:"eventType"`
	Mail      struct {
		Destination []string            `json:"destination"`
		Tags        map[string][]string `json:"tags"`
	} `json:"mail"`
	Bounce struct {
		Timestamp time.Time `json:"timestamp"`
	} `json:"bounce"`
	Complaint struct {
		Timestamp    time.Time `json:"timestamp"`
		FeedbackType string    `json:"complaintFeedbackType"`
	} `json:"complaint"`
}

// notSpam is the feedback of somebody who took a mail out of the junk folder.
const notSpam = "not-spam"

// parse reads a notice. All bounces count: SES tells of those that it will not try again.
// Recipients are those of the mail, because providers strike them out of complaints; every
// mail of ours has one.
func parse(message string) (feedback.Notice, error) {
	var e event
	if err := json.Unmarshal([]byte(message), &e); err != nil { // SES also says hello in plain text
		return feedback.Notice{}, fmt.Errorf("%w: %w", errRefused, err)
	}
	n := feedback.Notice{
		Recipients:   e.Mail.Destination,
		OrgID:        e.tag(feedback.TagOrgID),
		InvitationID: e.tag(feedback.TagInvitationID),
		LetterID:     e.tag(feedback.TagLetterID),
	}
	switch {
	case e.EventType == "Bounce":
		n.Outcome, n.At = invites.Bounced, e.Bounce.Timestamp
	case e.EventType == "Complaint" && e.Complaint.FeedbackType != notSpam:
		n.Outcome, n.At = invites.Complained, e.Complaint.Timestamp
	default:
		return n, fmt.Errorf("%w: neither a bounce nor a complaint, but %q %s", errRefused, e.EventType, e.Complaint.FeedbackType)
	}
	return n, nil
}

// tag is the first value of a tag, or "".
func (e event) tag(name string) string {
	if values := e.Mail.Tags[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
