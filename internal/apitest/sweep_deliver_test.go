package apitest_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/outbox"
)

type (
	httpRequest  = http.Request
	httpResponse = http.Response
	sender       = func() (*http.Response, error)
)

// unsent invites somebody while no mail can be sent.
func unsent(w *apitest.World, p *apitest.Person) (email, id string) {
	w.Helper()
	email = apitest.Address("bob")
	w.Mail.Fail(true)
	defer w.Mail.Fail(false)
	r := p.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"}).Want(201)
	if r.Get("delivery") != "queued" {
		w.Errorf("the delivery of an unsent mail is %q", r.Get("delivery"))
	}
	return email, r.Get("id")
}

// A mail that could not be sent is sent by the sweep, once, and its link works.
func TestSweep_sendsUnsentMail(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email, id := unsent(w, ada)
	w.Sweep()
	if n := len(w.Mail.To(email)); n != 0 {
		t.Fatalf("the sweep sent %d mails while the request had its time", n)
	}
	w.Clock.Advance(2 * time.Minute)
	var wg sync.WaitGroup
	for range 3 { // at once
		wg.Go(func() { w.Sweep() })
	}
	wg.Wait()
	if n := len(w.Mail.To(email)); n != 1 {
		t.Fatalf("%d mails went out", n)
	}
	if got := ada.Do("GET", "/v1/invitations/"+id, nil).Want(200).Get("delivery"); got != "sent" {
		t.Errorf("the delivery is %q", got)
	}
	w.Join(email)
	w.CheckInvariants()
}

// A mail whose sending was not noted goes out again, with a fresh link. The first is dead:
// of two links, one works.
func TestSweep_resendsWhatWasNotNoted(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email := apitest.Address("bob")
	mend := w.Wire.Break(apitest.On("UpdateItem", apitest.Refuse)) // noting the delivery
	ada.Invite(email, "member")
	mend()
	old := accept(w, email)
	w.Clock.Advance(2 * time.Minute)
	w.Sweep()
	if n := len(w.Mail.To(email)); n != 2 {
		t.Fatalf("%d mails went out", n)
	}
	old().WantProblem(404, "not_found")
	accept(w, email)().Want(200)
	w.CheckInvariants()
}

// The sweep tries with growing pauses, and gives up in the end. What it gave up can still
// be resent, and expires in its time.
func TestSweep_givesUp(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email, id := unsent(w, ada)
	w.Mail.Fail(true)
	delivery := func() string { return ada.Do("GET", "/v1/invitations/"+id, nil).Want(200).Get("delivery") }

	w.Clock.Advance(90 * time.Second)
	for attempt := 1; attempt <= outbox.MaxAttempts; attempt++ {
		if report := w.Sweep(); report.Redelivered != 1 {
			t.Fatalf("attempt %d: %+v", attempt, report)
		}
		pause := time.Minute << attempt
		w.Clock.Advance(pause - time.Minute)
		if report := w.Sweep(); report.Redelivered != 0 {
			t.Fatalf("after attempt %d it did not wait %v", attempt, pause)
		}
		if got := delivery(); got != "queued" {
			t.Fatalf("after attempt %d it is %s", attempt, got)
		}
		w.Clock.Advance(time.Minute + time.Second)
	}
	w.Sweep()
	if got := delivery(); got != "failed" {
		t.Errorf("after all attempts it is %s", got)
	}
	w.Clock.Advance(time.Hour)
	if report := w.Sweep(); report.Redelivered != 0 {
		t.Errorf("it goes on trying: %+v", report)
	}
	w.CheckInvariants()

	w.Mail.Fail(false)
	ada.Do("POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
	if got := delivery(); got != "sent" {
		t.Errorf("resent, it is %s", got)
	}
	w.Join(email)
}

// A redelivery that dies at any of its calls loses no mail: a later sweep sends it.
func TestSweep_crashWhileSending(t *testing.T) {
	for n := 1; n <= 2; n++ { // it claims the mail, and notes that it was sent
		for _, cut := range cuts {
			t.Run(fmt.Sprintf("call %d %s", n, cut.name), func(t *testing.T) {
				w := apitest.Alone(t)
				ada := w.SignUp("Acme")
				email, id := unsent(w, ada)
				w.Clock.Advance(2 * time.Minute)
				inv, err := w.Store.Invitation(t.Context(), ada.OrgID, id)
				if err != nil {
					t.Fatal(err)
				}
				fault := &apitest.Nth{N: n, Fault: cut.hook}
				mend := w.Wire.Break(fault.Hook)
				w.Sweeper.Deliver.Redeliver(t.Context(), inv, "Acme") // its failure is what is being tested
				mend()
				if fault.Calls() < n {
					t.Fatalf("it makes only %d calls", fault.Calls())
				}
				w.Clock.Advance(5 * time.Minute)
				w.Sweep()
				w.Join(email)
				w.CheckInvariants()
			})
		}
	}
}

// A mail that nobody wants, of an invitation that is revoked by then, is none that was dealt with.
func TestSweep_unwantedAndRevoked(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email, id := unsent(w, ada)
	if err := w.Store.Suppress(t.Context(), email, w.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(2 * time.Minute)
	defer w.Wire.Break(apitest.Meanwhile("UpdateItem", func() { ada.Do("DELETE", "/v1/invitations/"+id, nil).Want(204) }))()
	if report := w.Sweep(); report.Redelivered != 0 || report.Failed != 0 {
		t.Errorf("it says %+v", report)
	}
}

// A sweep that does not hear that it has claimed a mail asks again, and finds that it has.
func TestSweep_claimUnheard(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	email, _ := unsent(w, ada)
	w.Clock.Advance(2 * time.Minute)
	var lost atomic.Bool
	defer w.Wire.Break(func(c apitest.Call, r *httpRequest, send sender) (*httpResponse, error) {
		if c.Operation == "UpdateItem" && lost.CompareAndSwap(false, true) {
			return apitest.Lose(c, r, send)
		}
		return send()
	})()
	if report := w.Sweep(); report.Redelivered != 1 || report.Failed != 0 {
		t.Errorf("it says %+v", report)
	}
	w.Join(email)
}
