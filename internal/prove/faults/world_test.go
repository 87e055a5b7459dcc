package faults_test

import (
	"math/rand/v2"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

const publicURL = "http://team.test"

// world is a world whose mail goes through the SES client, over a wire that breaks too.
type world struct {
	*apitest.World
	ses *apitest.Wire
	box *sesmail.Mailbox

	// What the last operation was prepared with.
	last string // address
	key  key
}

func newWorld(t testing.TB, options ...apitest.Option) *world {
	t.Helper()
	box, err := sesmail.Open("")
	if err != nil {
		t.Fatal(err)
	}
	server := sesmail.NewServer(box)
	at := httptest.NewServer(server)
	t.Cleanup(at.Close)
	w := &world{ses: &apitest.Wire{}, box: box}
	mailer := mail.Mailer{SES: sesClient(at.URL, w.ses), From: "team@acme.example", PublicURL: publicURL}
	w.World = apitest.Alone(t, append(options, func(s *wiring.Settings) { s.Mailer = mailer })...)
	w.Clock.ToMidMonth() // for each round to make the calls of the first
	server.Fail(sesmail.Faults{After: func(m sesmail.Mail) error { w.deliver(m); return nil }})
	return w
}

// sesClient is the client that the functions have, but for shorter waits between its tries.
func sesClient(endpoint string, wire *apitest.Wire) *ses.Client {
	return ses.New(ses.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint), HTTPClient: wire,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return rand.N(20 * time.Millisecond), nil })
		}),
	})
}

var link = regexp.MustCompile(regexp.QuoteMeta(publicURL) + `/(signup|signin|invite)/(\S+)`)

// deliver puts a mail that SES took into its recipient's hands.
func (w *world) deliver(m sesmail.Mail) {
	found := link.FindStringSubmatch(m.Text)
	if found == nil {
		return
	}
	var err error
	switch page, token := found[1], found[2]; page {
	case "signup":
		err = w.Mail.SendSignUp(w.Context(), m.To, "", token)
	case "signin":
		err = w.Mail.SendSignIn(w.Context(), m.To, token)
	default:
		err = w.Mail.SendInvitation(w.Context(), invites.Letter{Invitation: invites.Invitation{Email: m.To}, Token: token})
	}
	if err != nil {
		w.Error(err)
	}
}

// cut lets a hook see all calls, to DynamoDB and to SES.
func (w *world) cut(h apitest.Hook) (mend func()) {
	w.Wire.Break(h)
	w.ses.Break(h)
	return func() { w.cut(nil) }
}
