package wiring

import (
	"net/http"

	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/notices"
)

// Feedback is what the function for bounces and complaints runs.
func (a *App) Feedback() notices.Receiver {
	topic := feedbackTopic.value()
	return notices.Receiver{
		Topic:        topic,
		Certificates: notices.NewCertificates(topic, http.DefaultTransport, a.now),
		Record:       feedback.Recorder{Store: a.store()}.Record,
	}
}
