package mail

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/feedback"
)

func TestHeaders_holdNothingThatATenantChose(t *testing.T) {
	w := sunny
	w.org, w.alice.Name, w.bob.Name = "Zanzibar", "Zelda", "Zora"
	each(t, w, func(t *testing.T, k kind, in *ses.SendEmailInput) {
		if subject := aws.ToString(in.Message.Subject.Data); strings.Contains(subject, "Z") {
			t.Errorf("subject %q", subject)
		}
		if source := aws.ToString(in.Source); source != `"nemo-team" <team@nemo.example>` {
			t.Errorf("source %q", source)
		}
		if in.ReplyToAddresses != nil || in.ReturnPath != nil {
			t.Error("replies should go to the sender")
		}
	})
}

func TestHeaders_injectionIsRefused(t *testing.T) {
	for _, to := range []string{
		"bob@acme.com\r\nBcc: eve@evil.example", "bob@acme.com\nX: y", "bob@acme.com\x00", "bob@acme.com, eve@evil.example",
		"Bob <bob@acme.com>", "Bob@acme.com", "", "bob",
	} {
		m, o := newMailer()
		if err := m.SendSignIn(t.Context(), to, token); err == nil || len(o.sent) > 0 {
			t.Errorf("a mail to %q was sent", to)
		}
	}
	for _, from := range []string{"team@nemo.example\r\nBcc: eve@evil.example", "team@nemo.example\x1b"} {
		m, o := newMailer()
		m.From = from
		if err := m.SendSignIn(t.Context(), "bob@acme.com", token); err == nil || len(o.sent) > 0 {
			t.Errorf("a mail from %q was sent", from)
		}
	}
	if err := checkHeaders("team@nemo.example", "bob@acme.com", "Hello\nBcc: eve@evil.example"); err == nil {
		t.Error("a subject with a line break passed")
	}
}

func TestTags_findTheInvitation(t *testing.T) {
	in := mustSend(t, kinds[0], sunny)[0]
	got := map[string]string{}
	for _, tag := range in.Tags {
		got[aws.ToString(tag.Name)] = aws.ToString(tag.Value)
	}
	want := map[string]string{
		tagKind:                  "invitation",
		feedback.TagOrgID:        "0199d2a4-0000-7000-8000-000000000002",
		feedback.TagInvitationID: "0199d2a4-0000-7000-8000-000000000001",
		feedback.TagLetterID:     "0123456789abcdef",
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("tag %s is %q, want %q", name, got[name], want[name])
		}
	}
	if aws.ToString(in.ConfigurationSetName) != "nemo" {
		t.Error("no configuration set: bounces would be lost")
	}
}

func TestSend_withoutConfigurationSet(t *testing.T) {
	m, o := newMailer()
	m.ConfigurationSet = ""
	if err := m.SendSignIn(t.Context(), "bob@acme.com", token); err != nil {
		t.Fatal(err)
	}
	if o.sent[0].ConfigurationSetName != nil {
		t.Error("SES refuses an empty configuration set")
	}
}

func TestSend_failureIsUnavailable(t *testing.T) {
	down := errors.New("SES is down")
	for _, k := range kinds {
		m, o := newMailer()
		o.err = down
		err := k.send(t.Context(), m, sunny)
		if !errors.Is(err, fault.ErrUnavailable) || !errors.Is(err, down) {
			t.Errorf("%s: %v", k.name, err)
		}
		if fault.As(err).RetryAfter != RetryAfter {
			t.Errorf("%s: it does not say when to ask again", k.name)
		}
		if strings.Contains(fault.As(err).Detail, "SES") {
			t.Errorf("%s: the cause shows in public words", k.name)
		}
	}
}

func role(t *testing.T, s string) authz.Role {
	t.Helper()
	r, err := authz.ParseRole(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
