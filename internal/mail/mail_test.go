package mail

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/outbox"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
)

var (
	_ invites.Mailer      = Mailer{}
	_ sessions.LinkMailer = Mailer{}
	_ signup.Mailer       = Mailer{}
	_ budgets.Mailer      = Mailer{}
	_ members.NewsMailer  = Mailer{}
)

// postOffice is SES as far as Mailer can tell.
type postOffice struct {
	sent []*ses.SendEmailInput
	err  error
}

func (o *postOffice) SendEmail(_ context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	if o.err != nil {
		return nil, o.err
	}
	o.sent = append(o.sent, in)
	return &ses.SendEmailOutput{MessageId: aws.String("1")}, nil
}

// silence is an SES that never answers.
type silence struct{}

func (silence) SendEmail(ctx context.Context, _ *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A mail that hangs is given up, so that those behind it have their turn.
func TestMailer_givesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		err := Mailer{SES: silence{}, From: "team@acme.example"}.SendNoAccount(t.Context(), "bob@acme.com")
		if took := time.Since(begun); !errors.Is(err, fault.ErrUnavailable) || took != patience {
			t.Errorf("after %v it says %v", took, err)
		}
	})
}

// token looks like a real one: the longest, of an invitation.
const token = "nemo_invite_AZ3xQm9vcuS0vVq3yJ7WkgGd8Uq0nXy5sG1l2Zb4Q0rT-aB9cD8eF7gH6iJ5kL4mN3oP2qR1sT0uV_wX9yZ8"

// world is what tenants chose in a test's mails.
type world struct {
	org   string
	alice members.Person // acts
	bob   members.Person // is acted on
	role  authz.Role
}

var sunny = world{
	org:   "Acme Robotics",
	alice: members.Person{Name: "Grace Hopper", Email: "grace.hopper@acme.com"},
	bob:   members.Person{Name: "Bob Kahn", Email: "bob@acme.com"},
	role:  authz.Admin,
}

// kind is one mail, as it is sent, and the path of its link, if it has one.
type kind struct {
	name, path string
	send       func(context.Context, Mailer, world) error
}

var kinds = []kind{
	{"invitation", "/invite/" + token, func(ctx context.Context, m Mailer, w world) error {
		return m.SendInvitation(ctx, invites.Letter{OrgName: w.org, Token: token, Invitation: invites.Invitation{
			ID: "0199d2a4-0000-7000-8000-000000000001", OrgID: "0199d2a4-0000-7000-8000-000000000002",
			Email: w.bob.Email, Role: w.role, ExpiresAt: time.Date(2026, 11, 30, 14, 5, 0, 0, time.UTC),
			InvitedBy: invites.Inviter{Name: w.alice.Name, Email: w.alice.Email}, Hash: "0123456789abcdef0123456789abcdef",
		}})
	}},
	{"sign_in", "/signin/" + token, func(ctx context.Context, m Mailer, w world) error {
		return m.SendSignIn(ctx, w.bob.Email, token)
	}},
	{"no_account", "/signup", func(ctx context.Context, m Mailer, w world) error {
		return m.SendNoAccount(ctx, w.bob.Email)
	}},
	{"sign_up", "/signup/" + token, func(ctx context.Context, m Mailer, w world) error {
		return m.SendSignUp(ctx, w.bob.Email, w.org, token)
	}},
	{"has_account", "/signin", func(ctx context.Context, m Mailer, w world) error {
		return m.SendHasAccount(ctx, w.bob.Email)
	}},
	{"role_changed", "/signin", func(ctx context.Context, m Mailer, w world) error {
		return m.SendNews(ctx, w.bob.Email, w.news(outbox.RoleChanged, authz.Viewer))
	}},
	{"removed", "", func(ctx context.Context, m Mailer, w world) error {
		return m.SendNews(ctx, w.bob.Email, w.news(outbox.Removed, ""))
	}},
	{"budget_alert", "/signin", func(ctx context.Context, m Mailer, w world) error {
		return m.SendBudgetAlert(ctx, w.bob.Email, budgets.Letter{OrgName: w.org, Name: w.alice.Name, Alert: budgets.Alert{
			Scope: budgets.Team, Percent: 100, Limit: 100e9, Spent: 105e9, Period: budgets.Month, ResetsAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		}})
	}},
	{"ownership", "/signin", func(ctx context.Context, m Mailer, w world) error {
		n := w.news(outbox.OwnershipTransferred, authz.Owner)
		return errors.Join(m.SendNews(ctx, w.bob.Email, n), m.SendNews(ctx, w.alice.Email, n))
	}},
}

// news tells what alice did to bob.
func (w world) news(kind outbox.Kind, after authz.Role) members.News {
	return members.News{Notice: outbox.Notice{Kind: kind}, OrgName: w.org, By: w.alice, Member: w.bob, Before: w.role, After: after}
}

func newMailer() (Mailer, *postOffice) {
	o := &postOffice{}
	return Mailer{SES: o, From: "team@nemo.example", PublicURL: "https://team.nemo.example/", ConfigurationSet: "nemo"}, o
}

// mustSend returns what the kind sends in the world w: mostly one mail.
func mustSend(t *testing.T, k kind, w world) []*ses.SendEmailInput {
	t.Helper()
	m, o := newMailer()
	if err := k.send(t.Context(), m, w); err != nil {
		t.Fatal(err)
	}
	return o.sent
}

// each runs test on every mail of every kind in the world w.
func each(t *testing.T, w world, test func(t *testing.T, k kind, in *ses.SendEmailInput)) {
	t.Helper()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			for _, in := range mustSend(t, k, w) {
				test(t, k, in)
			}
		})
	}
}

func textOf(in *ses.SendEmailInput) string { return aws.ToString(in.Message.Body.Text.Data) }
func htmlOf(in *ses.SendEmailInput) string { return aws.ToString(in.Message.Body.Html.Data) }
