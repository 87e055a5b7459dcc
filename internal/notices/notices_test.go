package notices

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/feedback"
	"github.com/nemorouter/nemo-team/internal/invites"
)

const (
	topic   = "arn:aws:sns:eu-west-1:123456789012:mail-feedback"
	certURL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"

	bounce = `{"eventType":"Bounce","bounce":{"bounceType":"Permanent","timestamp":"2026-11-23T12:00:00.000Z"},` +
		`"mail":{"destination":["bob@acme.com"],"tags":{"org_id":["o"],"invitation_id":["i"],"letter_id":["l"]}}}`
	complaint = `{"eventType":"Complaint","complaint":{"complaintFeedbackType":"abuse","timestamp":"2026-11-23T12:00:00.000Z"},` +
		`"mail":{"destination":["bob@acme.com"],"tags":{"org_id":["o"],"invitation_id":["i"],"letter_id":["l"]}}}`
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// sns is a stand-in for SNS: it signs, and serves its certificate.
type sns struct {
	key     *rsa.PrivateKey
	cert    []byte
	status  int
	err     error
	fetched int
}

func newSNS(t *testing.T) *sns {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sns.amazonaws.com"},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &sns{key: key, cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), status: http.StatusOK}
}

func (s *sns) RoundTrip(r *http.Request) (*http.Response, error) {
	s.fetched++
	if s.err != nil {
		return nil, s.err
	}
	return &http.Response{StatusCode: s.status, Status: http.StatusText(s.status), Body: io.NopCloser(bytes.NewReader(s.cert)), Request: r}, nil
}

// notify returns a signed message.
func (s *sns) notify(t *testing.T, body string) Message {
	t.Helper()
	return s.sign(t, Message{
		Type: "Notification", MessageID: "1", TopicARN: topic, Subject: "Amazon SES Email Event Notification", Message: body,
		Timestamp: "2026-11-23T12:00:00.120Z", SignatureVersion: "2", SigningCertURL: certURL,
	})
}

func (s *sns) sign(t *testing.T, m Message) Message {
	t.Helper()
	hash, digest := crypto.SHA256, sha256.Sum256([]byte(m.signed()))
	sum := digest[:]
	if m.SignatureVersion == "1" {
		old := sha1.Sum([]byte(m.signed()))
		hash, sum = crypto.SHA1, old[:]
	}
	signature, err := rsa.SignPKCS1v15(nil, s.key, hash, sum)
	if err != nil {
		t.Fatal(err)
	}
	m.Signature = base64.StdEncoding.EncodeToString(signature)
	return m
}

// receiver hands what it believes to got.
func (s *sns) receiver(got *[]feedback.Notice) Receiver {
	return Receiver{
		Topic:        topic,
		Certificates: NewCertificates(topic, s, func() time.Time { return noon }),
		Record:       func(_ context.Context, n feedback.Notice) error { *got = append(*got, n); return nil },
	}
}

// eventOf is the message as Lambda delivers it.
func eventOf(t *testing.T, m Message) (e Event) {
	t.Helper()
	sent, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"EventSource": "aws:sns", "Sns": m}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(sent, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestReceive_signed(t *testing.T) {
	s := newSNS(t)
	old := s.notify(t, complaint)
	old.SignatureVersion, old.Subject = "1", ""
	for _, c := range []struct {
		name    string
		message Message
		want    invites.Delivery
	}{
		{"bounce", s.notify(t, bounce), invites.Bounced},
		{"complaint", s.notify(t, complaint), invites.Complained},
		{"version 1, no subject", s.sign(t, old), invites.Complained},
	} {
		var got []feedback.Notice
		if err := s.receiver(&got).Receive(t.Context(), eventOf(t, c.message)); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if len(got) != 1 || got[0].Outcome != c.want || got[0].OrgID != "o" || got[0].InvitationID != "i" || got[0].LetterID != "l" ||
			!got[0].At.Equal(noon) || len(got[0].Recipients) != 1 || got[0].Recipients[0] != "bob@acme.com" {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestReceive_ignores(t *testing.T) {
	s, stranger := newSNS(t), newSNS(t)
	changed := func(change func(*Message)) Message {
		m := s.notify(t, bounce)
		change(&m)
		return m
	}
	for name, m := range map[string]Message{
		"no signature":            changed(func(m *Message) { m.Signature = "" }),
		"no base64":               changed(func(m *Message) { m.Signature = "%" }),
		"another's signature":     stranger.notify(t, bounce),
		"another text":            changed(func(m *Message) { m.Message = complaint }),
		"another time":            changed(func(m *Message) { m.Timestamp = "2026-11-23T12:00:00.121Z" }),
		"another subject":         changed(func(m *Message) { m.Subject = "" }),
		"another topic, unsigned": changed(func(m *Message) { m.TopicARN += "2" }),
		"another topic, signed":   s.sign(t, changed(func(m *Message) { m.TopicARN += "2" })),
		"another type":            s.sign(t, changed(func(m *Message) { m.Type = "SubscriptionConfirmation" })),
		"another version":         changed(func(m *Message) { m.SignatureVersion = "3" }),
		"the other version":       changed(func(m *Message) { m.SignatureVersion = "1" }),
		"a delivery":              s.notify(t, `{"eventType":"Delivery"}`),
		"no spam":                 s.notify(t, `{"eventType":"Complaint","complaint":{"complaintFeedbackType":"not-spam"}}`),
		"a greeting":              s.notify(t, "Successfully validated SNS topic for Amazon SES event publishing."),
	} {
		var got []feedback.Notice
		if err := s.receiver(&got).Receive(t.Context(), eventOf(t, m)); err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// Whoever could choose the address of the certificate could sign anything.
func TestReceive_certificateFromElsewhere(t *testing.T) {
	s := newSNS(t)
	for _, address := range []string{
		"", "http://sns.eu-west-1.amazonaws.com/x.pem", "https://sns.us-east-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com.evil.example/x.pem", "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com@evil.example/x.pem", "https://x@sns.eu-west-1.amazonaws.com/x.pem",
		"https://sns.eu-west-1.amazonaws.com:8443/x.pem", "https://sns.eu-west-1.amazonaws.com/?x.pem", "https://bucket.s3.amazonaws.com/x.pem",
	} {
		m := s.notify(t, bounce)
		m.SigningCertURL = address
		var got []feedback.Notice
		if err := s.receiver(&got).Receive(t.Context(), eventOf(t, m)); err != nil || len(got) != 0 || s.fetched != 0 {
			t.Errorf("%q: got %+v, %v, fetched %d times", address, got, err, s.fetched)
		}
	}
}

func TestReceive_badCertificate(t *testing.T) {
	for name, spoil := range map[string]func(*sns, *Receiver){
		"missing":    func(s *sns, _ *Receiver) { s.status = http.StatusForbidden },
		"redirected": func(s *sns, _ *Receiver) { s.status = http.StatusFound },
		"garbage":    func(s *sns, _ *Receiver) { s.cert = []byte("<html>") },
		"empty":      func(s *sns, _ *Receiver) { s.cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE"}) },
		"expired": func(_ *sns, r *Receiver) {
			r.Certificates.now = func() time.Time { return noon.Add(2 * time.Hour) }
		},
	} {
		s := newSNS(t)
		var got []feedback.Notice
		r := s.receiver(&got)
		spoil(s, &r)
		if err := r.Receive(t.Context(), eventOf(t, s.notify(t, bounce))); err != nil || len(got) != 0 {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

// What may be better next time comes again: Lambda repeats an event that failed.
func TestReceive_failuresAreRepeated(t *testing.T) {
	down := errors.New("down")
	for name, spoil := range map[string]func(*sns, *Receiver){
		"network": func(s *sns, _ *Receiver) { s.err = down },
		"SNS":     func(s *sns, _ *Receiver) { s.status = http.StatusServiceUnavailable },
		"store": func(_ *sns, r *Receiver) {
			r.Record = func(context.Context, feedback.Notice) error { return down }
		},
	} {
		s := newSNS(t)
		r := s.receiver(new([]feedback.Notice))
		spoil(s, &r)
		if err := r.Receive(t.Context(), eventOf(t, s.notify(t, bounce))); err == nil {
			t.Errorf("%s: forgotten", name)
		}
	}
}

func TestCertificate_isFetchedOnce(t *testing.T) {
	s := newSNS(t)
	r := s.receiver(new([]feedback.Notice))
	for range 3 {
		if err := r.Receive(t.Context(), eventOf(t, s.notify(t, bounce))); err != nil {
			t.Fatal(err)
		}
	}
	if s.fetched != 1 {
		t.Errorf("fetched %d times", s.fetched)
	}
}

func TestSNSHost(t *testing.T) {
	for arn, want := range map[string]string{
		topic: "sns.eu-west-1.amazonaws.com",
		"arn:aws-cn:sns:cn-north-1:123456789012:t": "sns.cn-north-1.amazonaws.com.cn",
		"arn:aws:sqs:eu-west-1:123456789012:q":     "",
		"":                                         "",
	} {
		if got := snsHost(arn); got != want {
			t.Errorf("snsHost(%q) = %q, want %q", arn, got, want)
		}
	}
}
