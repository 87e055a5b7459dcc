// Package notices receives what SES tells through SNS about mails that went out. It believes
// nothing that SNS did not sign for our topic.
package notices

import (
	"context"
	"errors"
	"log/slog"

	"github.com/nemorouter/nemo-team/internal/feedback"
)

// Event is what SNS invokes a function with.
type Event struct {
	Records []struct {
		SNS Message `json:"Sns"`
	}
}

// Receiver hands on the notices in events.
type Receiver struct {
	Topic        string // the ARN of ours
	Certificates *Certificates
	Record       func(context.Context, feedback.Notice) error
}

// errRefused marks what is ignored: to try it again would not make it better.
var errRefused = errors.New("refused")

// Receive hands on each notice of the event whose signature holds. Others are logged and
// forgotten. An error means that the event should come again.
func (r Receiver) Receive(ctx context.Context, e Event) error {
	var errs []error
	for _, record := range e.Records {
		err := r.receive(ctx, record.SNS)
		if errors.Is(err, errRefused) {
			slog.WarnContext(ctx, "notification ignored", "message", record.SNS.MessageID, "reason", err)
			continue
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (r Receiver) receive(ctx context.Context, m Message) error {
	if err := m.verify(ctx, r.Topic, r.Certificates); err != nil {
		return err
	}
	notice, err := parse(m.Message)
	if err != nil {
		return err
	}
	return r.Record(ctx, notice)
}
