package apitest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/mail"
	membership "github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/outbox"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// office takes in what the real mailer hands to SES, and may refuse it. Other mails than
// news stay with the world's own mailer.
type office struct {
	*apitest.Mail
	real mail.Mailer

	mu     sync.Mutex
	taken  []*ses.SendEmailInput
	refuse func(to string) error
	hang   string // an address that mails never reach
}

// withOffice lets news go out as they would in the cloud.
func withOffice(o *office) apitest.Option {
	return func(s *wiring.Settings) {
		o.Mail = s.Mailer.(*apitest.Mail)
		o.real = mail.Mailer{SES: o, From: "team@nemo.example", PublicURL: s.PublicURL}
		s.Mailer = o
	}
}

func (o *office) SendNews(ctx context.Context, to string, n membership.News) error {
	if err := o.wait(ctx, to); err != nil {
		return err
	}
	return o.real.SendNews(ctx, to, n)
}

func (o *office) SendBudgetAlert(ctx context.Context, to string, l budgets.Letter) error {
	if err := o.wait(ctx, to); err != nil {
		return err
	}
	return o.Mail.SendBudgetAlert(ctx, to, l)
}

// wait goes on for as long as the caller does if mails to the address hang.
func (o *office) wait(ctx context.Context, to string) error {
	o.mu.Lock()
	hangs := o.hang == to
	o.mu.Unlock()
	if !hangs {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (o *office) hangOn(to string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.hang = to
}

// SendEmail is SES.
func (o *office) SendEmail(_ context.Context, in *ses.SendEmailInput, _ ...func(*ses.Options)) (*ses.SendEmailOutput, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuse != nil {
		if err := o.refuse(in.Destination.ToAddresses[0]); err != nil {
			return nil, err
		}
	}
	o.taken = append(o.taken, in)
	return &ses.SendEmailOutput{}, nil
}

// fail makes mails to some addresses fail, to all if none are given.
func (o *office) fail(addresses ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse = func(to string) error {
		for _, a := range addresses {
			if a == to {
				return errors.New("SES is down")
			}
		}
		if len(addresses) == 0 {
			return errors.New("SES is down")
		}
		return nil
	}
}

func (o *office) mend() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuse = nil
}

// letters are the mails to an address: subject, text and HTML, as one.
func (o *office) letters(to string) (all []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, in := range o.taken {
		if in.Destination.ToAddresses[0] == to {
			body := in.Message.Body
			all = append(all, strings.Join([]string{*in.Message.Subject.Data, *body.Text.Data, *body.Html.Data}, "\n"))
		}
	}
	return all
}

// wantLetter fails unless the address got one mail, with the words in it.
func (o *office) wantLetter(t *testing.T, to string, words ...string) {
	t.Helper()
	letters := o.letters(to)
	if len(letters) != 1 {
		t.Fatalf("%s got %d mails, want one: %q", to, len(letters), letters)
	}
	for _, w := range words {
		if !strings.Contains(letters[0], w) {
			t.Errorf("the mail to %s does not say %q:\n%s", to, w, letters[0])
		}
	}
}

func (o *office) wantNone(t *testing.T, to ...string) {
	t.Helper()
	for _, address := range to {
		if letters := o.letters(address); len(letters) > 0 {
			t.Errorf("%s got %q", address, letters)
		}
	}
}

// notices are those that the table still holds.
func notices(w *apitest.World) (left []apitest.Row) {
	for _, r := range w.Rows() {
		if strings.HasPrefix(r.Text("sk"), "NOTICE#") {
			left = append(left, r)
		}
	}
	return left
}

// something is one thing that is done to a membership, and who is told of it in which words.
type something struct {
	name   string
	do     func(org apitest.Cast) *apitest.Reply
	status int
	told   func(org apitest.Cast) map[string][]string
}

// Names are as they were when it happened, and as their owners chose them.
const evilName = `Eve "<b>&` // what names may hold

var somethings = []something{
	{"role change", func(org apitest.Cast) *apitest.Reply {
		return org.Admin.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": "viewer"})
	}, 200, func(org apitest.Cast) map[string][]string {
		return map[string][]string{org.Member.Email: {
			"Your role on nemo-team has changed", evilName + " (" + org.Admin.Email + ") changed your role in\n\"Acme\" from member to viewer",
			"Your virtual keys were revoked", "Eve &#34;&lt;b&gt;&amp;</strong>",
		}}
	}},
	{"removal", func(org apitest.Cast) *apitest.Reply {
		return org.Admin.Do("DELETE", "/v1/members/"+org.Member.ID, nil)
	}, 204, func(org apitest.Cast) map[string][]string {
		return map[string][]string{org.Member.Email: {
			"You were removed from an organization", evilName + " (" + org.Admin.Email + ") removed you from\n\"Acme\"", "Eve &#34;&lt;b&gt;&amp;</strong>",
		}}
	}},
	{"transfer", func(org apitest.Cast) *apitest.Reply {
		return org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Admin.ID})
	}, 200, func(org apitest.Cast) map[string][]string {
		return map[string][]string{
			org.Admin.Email: {"You now own", org.Owner.Email + " transferred the ownership of\n\"Acme\" to you"},
			org.Owner.Email: {"You gave an organization", "the ownership of \"Acme\"\nto " + evilName + " (" + org.Admin.Email + ")", "Eve &#34;&lt;b&gt;&amp;</strong>"},
		}
	}},
}

// staged is an org whose admin has a name that tests escaping.
func staged(t *testing.T) (*apitest.World, *office, apitest.Cast) {
	o := &office{}
	w := apitest.Alone(t, withOffice(o))
	org := w.Cast()
	org.Admin.Do("PATCH", "/v1/me", apitest.Map{"name": evilName}).Want(200)
	return w, o, org
}

// Whom it concerns is told once, in the right words, and nobody else is.
func TestNews_toldOnce(t *testing.T) {
	for _, s := range somethings {
		t.Run(s.name, func(t *testing.T) {
			w, o, org := staged(t)
			s.do(org).Want(s.status)
			w.Clock.Advance(time.Hour)
			w.Sweep()
			s.wantTold(t, o, org)
			if left := notices(w); len(left) > 0 {
				t.Errorf("the table still holds %v", left)
			}
			w.CheckInvariants()
		})
	}
}

func (s something) wantTold(t *testing.T, o *office, org apitest.Cast) {
	t.Helper()
	told := s.told(org)
	for to, words := range told {
		o.wantLetter(t, to, words...)
	}
	for _, p := range []*apitest.Person{org.Owner, org.Admin, org.Member, org.Viewer} {
		if told[p.Email] == nil {
			o.wantNone(t, p.Email)
		}
	}
}

// While no mail can be sent the change is made all the same, and the sweep tells of it as it
// was then, however many sweeps there are.
func TestNews_sweepTellsWhatRequestsCouldNot(t *testing.T) {
	for _, s := range somethings {
		t.Run(s.name, func(t *testing.T) {
			w, o, org := staged(t)
			o.fail()
			s.do(org).Want(s.status)
			org.Owner.Do("PATCH", "/v1/me", apitest.Map{"name": "Later Name"}).Want(200)
			org.Admin.Do("PATCH", "/v1/org", apitest.Map{"name": "Later Org"}).Want(200)
			o.mend()
			w.Sweep()
			o.wantNone(t, org.Owner.Email, org.Admin.Email, org.Member.Email) // the request still had its time
			w.Clock.Advance(2 * time.Minute)
			var wg sync.WaitGroup
			for range 3 { // at once
				wg.Go(func() { w.Sweep() })
			}
			wg.Wait()
			s.wantTold(t, o, org)
			if left := notices(w); len(left) > 0 {
				t.Errorf("the table still holds %v", left)
			}
		})
	}
}

// A call to the engine that fails after the change costs nobody their mail, and fails
// nobody's request: at worst the mail comes twice.
func TestNews_crashes(t *testing.T) {
	for _, s := range somethings {
		for _, broken := range []string{"BatchGetItem", "DeleteItem"} { // who wants mails, and noting that it was sent
			t.Run(s.name+" "+broken, func(t *testing.T) {
				w, o, org := staged(t)
				mend := w.Wire.Break(func(c apitest.Call, r *httpRequest, send sender) (*httpResponse, error) {
					if c.Operation == broken && (broken == "DeleteItem" || strings.Contains(string(c.Body), "SUPPRESSED#")) {
						return apitest.Refuse(c, r, send)
					}
					return send()
				})
				s.do(org).Want(s.status)
				mend()
				w.Clock.Advance(2 * time.Minute)
				w.Sweep()
				want := map[string]int{"BatchGetItem": 1, "DeleteItem": 2}[broken]
				for to := range s.told(org) {
					if n := len(o.letters(to)); n != want {
						t.Errorf("%s got %d mails, want %d", to, n, want)
					}
				}
				w.Clock.Advance(time.Hour)
				w.Sweep()
				if left := notices(w); len(left) > 0 {
					t.Errorf("the table still holds %v", left)
				}
			})
		}
	}
}

// One address that no mail can be sent to keeps nobody else from being told, and gets
// nobody else told twice. In the end it is given up.
func TestNews_onePoorAddress(t *testing.T) {
	w, o, org := staged(t)
	o.fail(org.Admin.Email)
	org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Admin.ID}).Want(200)
	for attempt := range outbox.MaxAttempts + 1 {
		o.wantLetter(t, org.Owner.Email)
		w.Clock.Advance(time.Minute<<attempt + time.Second)
		if n := w.Sweep().Failed; n != 1 && attempt < outbox.MaxAttempts {
			t.Errorf("attempt %d: %d things failed", attempt+1, n)
		}
		if n := w.Sweep().Redelivered; n != 0 {
			t.Fatalf("attempt %d is repeated without a pause", attempt+1)
		}
	}
	o.wantNone(t, org.Admin.Email)
	if left := notices(w); len(left) > 0 {
		t.Errorf("the table still holds %v", left)
	}
}

// A mail that hangs holds nobody's request for long, and gets nobody else told twice.
func TestNews_hangingMail(t *testing.T) {
	t.Parallel()
	w, o, org := staged(t)
	o.hangOn(org.Owner.Email)
	org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Admin.ID}).Want(200)
	o.wantLetter(t, org.Admin.Email)
	o.hangOn("")
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	o.wantLetter(t, org.Admin.Email)
	o.wantLetter(t, org.Owner.Email)
}

// Nor does one hold the gateway's report of what was spent.
func TestNews_hangingAlert(t *testing.T) {
	t.Parallel()
	w, o, org := staged(t)
	gw, key := billerOf(w), pay(org.Member)
	setBudget(org.Owner, "org", org.Owner.OrgID, "1", "total")
	o.hangOn(org.Owner.Email)
	begun := time.Now()
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.6"})).want(t, 1, 0, 0, 0)
	if took := time.Since(begun); took > 3*outbox.Patience {
		t.Errorf("the gateway waited %v for a mail", took)
	}
	o.hangOn("")
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	wantAlerts(t, org.Owner, "org 50%")
	wantAlerts(t, org.Admin, "org 50%")
}

// The same holds for alerts: they go on to everybody else, once.
func TestNews_poorAddressOfAnAlert(t *testing.T) {
	w := apitest.Alone(t)
	org, gw := w.Cast(), billerOf(w)
	key := pay(org.Member)
	setBudget(org.Owner, "org", org.Owner.OrgID, "1", "total")
	if err := w.Store.Suppress(t.Context(), org.Admin.Email, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": "0.6"})).want(t, 1, 0, 0, 0)
	wantAlerts(t, org.Owner, "org 50%")
	wantAlerts(t, org.Admin)
	if left := notices(w); len(left) > 0 {
		t.Errorf("the table still holds %v", left)
	}
}

// Who complained about our mails gets none, at once or later.
func TestNews_complainersGetNone(t *testing.T) {
	for _, late := range []bool{false, true} {
		t.Run(fmt.Sprintf("by the sweep %t", late), func(t *testing.T) {
			w, o, org := staged(t)
			if late {
				o.fail()
			}
			if err := w.Store.Suppress(t.Context(), org.Admin.Email, w.Clock.Now()); err != nil {
				t.Fatal(err)
			}
			org.Owner.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": org.Admin.ID}).Want(200)
			o.mend()
			w.Clock.Advance(2 * time.Minute)
			w.Sweep()
			o.wantNone(t, org.Admin.Email)
			o.wantLetter(t, org.Owner.Email)
			if left := notices(w); len(left) > 0 {
				t.Errorf("the table still holds %v", left)
			}
		})
	}
}

// Nobody is told of what they did themselves, or of what did not happen.
func TestNews_noneOfOneself(t *testing.T) {
	w, o, org := staged(t)
	org.Viewer.Do("POST", "/v1/members/me/leave", nil).Want(204)
	org.Admin.Do("PATCH", "/v1/members/"+org.Member.ID, apitest.Map{"role": "member"}).Want(200) // as it is
	org.Member.Do("DELETE", "/v1/members/"+org.Admin.ID, nil).Want(403)
	org.Admin.Do("DELETE", "/v1/members/"+org.Owner.ID, nil).Want(409)
	org.Admin.Do("PATCH", "/v1/members/"+org.Admin.ID, apitest.Map{"role": "member"}).Want(200)
	w.Clock.Advance(time.Hour)
	w.Sweep()
	o.wantNone(t, org.Owner.Email, org.Admin.Email, org.Member.Email, org.Viewer.Email)
	if left := notices(w); len(left) > 0 {
		t.Errorf("the table holds %v", left)
	}
}

// What was not told is purged with the org.
func TestNews_purged(t *testing.T) {
	w, o, org := staged(t)
	o.fail()
	for _, s := range somethings[:2] {
		s.do(org).Want(s.status)
	}
	slug := org.Owner.Do("GET", "/v1/org", nil).Get("slug")
	org.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": slug}).Want(204)
	w.Clock.Advance(time.Hour)
	w.Sweep()
	if left := notices(w); len(left) > 0 {
		t.Errorf("the table still holds %v", left)
	}
	w.CheckInvariants()
}
