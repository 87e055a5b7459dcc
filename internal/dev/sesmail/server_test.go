package sesmail

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/aws/smithy-go"
)

func TestSendEmail(t *testing.T) {
	p := newPost(t)
	out, err := p.client.SendEmail(t.Context(), invitation())
	if err != nil {
		t.Fatal(err)
	}
	m := p.only(t)
	if m.ID == "" || m.ID != *out.MessageId {
		t.Errorf("the SDK saw id %q, the mailbox %q", *out.MessageId, m.ID)
	}
	want := Mail{
		ID: m.ID, At: m.At, From: "Nemo <team@nemo.example>", To: "ada@example.com",
		Subject: "Zoë invites you", Text: "Hello & welcome", HTML: "<p>Hello</p>",
		Tags: map[string]string{"invitation": "42"}, ConfigurationSet: "mail",
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("kept %+v, want %+v", m, want)
	}
}

func TestSendEmail_severalRecipients(t *testing.T) {
	p := newPost(t)
	in := invitation()
	in.Destination.CcAddresses = []string{"Bob <bob@example.com>"}
	if _, err := p.client.SendEmail(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t).To; got != "ada@example.com, bob@example.com" {
		t.Errorf("to = %q", got)
	}
}

func TestSendRawEmail(t *testing.T) {
	const raw = "From: team@nemo.example\r\nTo: Ada <ada@example.com>\r\n" +
		"Subject: =?utf-8?q?Zo=C3=AB_invites_you?=\r\nX-SES-MESSAGE-TAGS: invitation=42, kind=x\r\n" +
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nZo=C3=AB\r\n" +
		"--b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+aGk8L2I+\r\n--b--\r\n"
	p := newPost(t)
	_, err := p.client.SendRawEmail(t.Context(), &ses.SendRawEmailInput{RawMessage: &types.RawMessage{Data: []byte(raw)}})
	if err != nil {
		t.Fatal(err)
	}
	m := p.only(t)
	if m.To != "ada@example.com" || m.Subject != "Zoë invites you" || m.Text != "Zoë" || m.HTML != "<b>hi</b>" || m.Tags["kind"] != "x" {
		t.Errorf("kept %+v", m)
	}
}

func TestSendRawEmail_refusesNoise(t *testing.T) {
	p := newPost(t)
	for _, raw := range []string{"\x00", "To: ada@example.com\r\nFrom: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nhalf"} {
		_, err := p.client.SendRawEmail(t.Context(), &ses.SendRawEmailInput{RawMessage: &types.RawMessage{Data: []byte(raw)}})
		wantCode(t, err, "InvalidParameterValue")
	}
}

func TestSendEmail_refuses(t *testing.T) {
	address := func(a string) func(*ses.SendEmailInput) {
		return func(in *ses.SendEmailInput) { in.Destination.ToAddresses = []string{a} }
	}
	for _, c := range []struct {
		name string
		code string
		edit func(*ses.SendEmailInput)
	}{
		{"line break in the subject", "InvalidParameterValue", func(in *ses.SendEmailInput) { in.Message.Subject.Data = aws.String("a\r\nBcc: eve@example.com") }},
		{"escape in the subject", "InvalidParameterValue", func(in *ses.SendEmailInput) { in.Message.Subject.Data = aws.String("a\x1bb") }},
		{"line break in the address", "InvalidParameterValue", address("ada@example.com\r\nBcc: eve@example.com")},
		{"line break in the sender", "InvalidParameterValue", func(in *ses.SendEmailInput) { in.Source = aws.String("A\n <a@example.com>") }},
		{"line break in reply-to", "InvalidParameterValue", func(in *ses.SendEmailInput) { in.ReplyToAddresses = []string{"a@example.com\n"} }},
		{"non-ASCII local part", "InvalidParameterValue", address("zoë@example.com")},
		{"non-ASCII domain", "InvalidParameterValue", address("zoe@exämple.com")},
		{"no domain", "InvalidParameterValue", address("ada")},
		{"empty address", "InvalidParameterValue", address("")},
		{"no destination", "ValidationError", func(in *ses.SendEmailInput) { in.Destination = &types.Destination{} }},
		{"no source", "ValidationError", func(in *ses.SendEmailInput) { in.Source = aws.String("") }},
		{"no body", "ValidationError", func(in *ses.SendEmailInput) { in.Message.Body = &types.Body{} }},
		{"address in a tag", "InvalidParameterValue", func(in *ses.SendEmailInput) { in.Tags[0].Value = aws.String("ada@example.com") }},
		{"too many recipients", "InvalidParameterValue", func(in *ses.SendEmailInput) {
			in.Destination.ToAddresses = strings.Split(strings.Repeat("ada@example.com ", 51), " ")[:51]
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPost(t)
			in := invitation()
			c.edit(in)
			_, err := p.client.SendEmail(t.Context(), in)
			wantCode(t, err, c.code)
			if n := len(p.box.List("")); n != 0 {
				t.Errorf("%d mails were kept", n)
			}
		})
	}
}

func TestFail_before(t *testing.T) {
	p := newPost(t)
	p.server.Fail(Faults{Before: func(Mail) error { return &Error{Code: "MessageRejected", Message: "no"} }})
	_, err := p.client.SendEmail(t.Context(), invitation())
	if _, ok := errors.AsType[*types.MessageRejected](err); !ok {
		t.Errorf("err = %v, want MessageRejected", err)
	}
	p.server.Fail(Faults{Before: func(Mail) error { return errors.New("down") }})
	_, err = p.client.SendEmail(t.Context(), invitation())
	wantCode(t, err, "ServiceUnavailable")
	p.server.Fail(Faults{})
	if _, err := p.client.SendEmail(t.Context(), invitation()); err != nil {
		t.Error(err)
	}
	p.only(t)
}

// The mail is out, but the sender cannot know.
func TestFail_after(t *testing.T) {
	p := newPost(t)
	p.server.Fail(Faults{After: func(Mail) error { return errors.New("cut") }})
	if _, err := p.client.SendEmail(t.Context(), invitation()); err == nil {
		t.Error("the answer arrived")
	}
	p.only(t)
}

func TestServer_refusesOtherCalls(t *testing.T) {
	p := newPost(t)
	_, err := p.client.GetSendQuota(t.Context(), &ses.GetSendQuotaInput{})
	wantCode(t, err, "InvalidAction")
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET = %d", w.Code)
	}
}

// post is an endpoint, its mailbox and a client without retries.
type post struct {
	box    *Mailbox
	server *Server
	client *ses.Client
}

func newPost(t *testing.T) post {
	t.Helper()
	box, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	server := NewServer(box)
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	return post{box, server, ses.New(ses.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(listener.URL),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      aws.NopRetryer{},
	})}
}

func (p post) only(t *testing.T) Mail {
	t.Helper()
	mails := p.box.List("")
	if len(mails) != 1 {
		t.Fatalf("%d mails were kept, want 1", len(mails))
	}
	return mails[0]
}

func invitation() *ses.SendEmailInput {
	content := func(s string) *types.Content { return &types.Content{Data: aws.String(s)} }
	return &ses.SendEmailInput{
		Source:      aws.String("Nemo <team@nemo.example>"),
		Destination: &types.Destination{ToAddresses: []string{"ada@example.com"}},
		Message: &types.Message{
			Subject: content("Zoë invites you"),
			Body:    &types.Body{Text: content("Hello & welcome"), Html: content("<p>Hello</p>")},
		},
		Tags:                 []types.MessageTag{{Name: aws.String("invitation"), Value: aws.String("42")}},
		ConfigurationSetName: aws.String("mail"),
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != code {
		t.Errorf("err = %v, want %s", err, code)
	}
}
