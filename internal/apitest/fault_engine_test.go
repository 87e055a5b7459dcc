package apitest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// story is a short life of an org in which every step must succeed.
func story(w *apitest.World) {
	ada := w.SignUp("Acme")
	bob := ada.Hire("admin")
	byKey, key := bob.WithKey("manage")
	team := byKey.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	byKey.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows(20)}).Want(200)
	id := ada.Invite(apitest.Address("cyd"), "viewer")
	ada.Do("POST", "/v1/invitations/"+id+"/resend", nil).Want(200)
	ada.Do("DELETE", "/v1/invitations/"+id, nil).Want(204)
	bob.Do("DELETE", "/v1/keys/"+key, nil).Want(204)
	ada.Do("DELETE", "/v1/teams/"+team, nil).Want(204)
	ada.Do("PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "viewer"}).Want(200)
	ada.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": bob.ID}).Want(200)
	bob.Do("DELETE", "/v1/members/"+ada.ID, nil).Want(204)
}

// What goes wrong on the way to the engine now and then is nobody's business: every step
// succeeds, and happens once.
func TestFault_overcome(t *testing.T) {
	for name, fault := range map[string]func() apitest.Hook{
		"conflicts in 30% of transactions":     func() apitest.Hook { return apitest.Conflicts(0.3) },
		"batches answered in pieces":           func() apitest.Hook { return apitest.On("BatchGetItem", apitest.Piecemeal) },
		"every call refused at first":          func() apitest.Hook { return firstAttempt(apitest.Refuse) },
		"every answer lost at first":           func() apitest.Hook { return firstAttempt(apitest.Lose) },
		"every answer cut off at first":        func() apitest.Hook { return firstAttempt(apitest.CutOff) },
		"every call throttled at first":        func() apitest.Hook { return firstAttempt(apitest.Says("ProvisionedThroughputExceededException")) },
		"every transaction still in progress":  func() apitest.Hook { return firstAttempt(apitest.Says("TransactionInProgressException")) },
		"the engine's own mistakes, at first":  func() apitest.Hook { return firstAttempt(internalError) },
		"conflicts, and answers lost at first": func() apitest.Hook { return both(firstAttempt(apitest.Lose), apitest.Conflicts(0.3)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			mend := w.Wire.Break(fault())
			story(w)
			mend()
			for _, o := range w.CheckInvariants().Orgs {
				for action, n := range map[string]int{
					"org.created": 1, "invitation.created": 22, "invitation.accepted": 1, "invitation.resent": 1, "invitation.revoked": 1,
					"team.created": 1, "team.deleted": 1, "key.created": 1, "key.revoked": 1, "member.role_changed": 1,
					"org.ownership_transferred": 1, "member.removed": 1,
				} {
					wantEntries(t, o, n, action)
				}
			}
		})
	}
}

// firstAttempt breaks the first attempt of every call; the SDK's second gets through.
func firstAttempt(h apitest.Hook) apitest.Hook {
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if strings.HasPrefix(r.Header.Get("Amz-Sdk-Request"), "attempt=1;") {
			return h(c, r, send)
		}
		return send()
	}
}

// both lets a call through the outer fault and then through the inner one.
func both(outer, inner apitest.Hook) apitest.Hook {
	return func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		return outer(c, r, func() (*http.Response, error) { return inner(c, r, send) })
	}
}

func internalError(_ apitest.Call, r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
	return apitest.Answer(r, http.StatusInternalServerError, "InternalServerError", nil), nil
}

// What does not pass is answered with 503 and when to come back, says nothing of the
// inside, and changes nothing. When it is over, everything works again.
func TestFault_outage(t *testing.T) {
	for name, fault := range map[string]apitest.Hook{
		"connection refused":   apitest.Refuse,
		"throttled":            apitest.Says("ProvisionedThroughputExceededException"),
		"limited":              apitest.Says("RequestLimitExceeded"),
		"out of order":         internalError,
		"answers cut off":      apitest.On("BatchGetItem", apitest.CutOff),
		"stuck transactions":   apitest.On("TransactWriteItems", apitest.Says("TransactionInProgressException")),
		"nothing but conflict": apitest.Conflicts(1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := apitest.Alone(t)
			ada := w.SignUp("Acme")
			email := apitest.Address("bob")
			mend := w.Wire.Break(fault)
			began := time.Now()
			r := within(2*time.Second, ada, "POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it took %v to give up", took)
			}
			mend()
			wantUnavailable(t, r)
			if n := len(w.CheckInvariants().Orgs[ada.OrgID].Invitations); n != 0 || len(w.Mail.To(email)) != 0 {
				t.Errorf("there are %d invitations and %d mails", n, len(w.Mail.To(email)))
			}
			ada.Invite(email, "member")
		})
	}
}

// within makes a request whose time is bounded, as Lambda bounds it.
func within(d time.Duration, p *apitest.Person, method, path string, body apitest.Map) *apitest.Reply {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	r := httptest.NewRequest(method, path, strings.NewReader(fmt.Sprintf(`{"email": %q, "role": %q}`, body["email"], body["role"])))
	r.Header.Set("Authorization", "Bearer "+p.Token)
	r.Header.Set("Content-Type", "application/json")
	return p.Send(r.WithContext(ctx))
}

func wantUnavailable(t *testing.T, r *apitest.Reply) {
	t.Helper()
	if r.Status != 503 || r.Code() != "unavailable" || r.Header.Get("Retry-After") == "" {
		t.Errorf("got %d %v: %s; want a 503 with Retry-After", r.Status, r.Header, r.Body)
	}
	for _, inside := range []string{"dynamo", "Dynamo", "TransactWriteItems", "reset", "TransactionCanceled", "ORG#"} {
		if strings.Contains(string(r.Body), inside) {
			t.Errorf("the answer tells of the inside: %s", r.Body)
		}
	}
}

// An outage that lasts long answers 503 to the end: the SDK's stock of retries runs out, and
// that shows as nothing else.
func TestFault_longOutage(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	mend := w.Wire.Break(apitest.Refuse)
	for range 3 {
		for _, r := range apitest.Race(apitest.Times(crowd, as(ada, "GET", "/v1/me", nil))...) {
			wantUnavailable(t, r)
		}
	}
	mend()
	ada.Do("GET", "/v1/me", nil).Want(200)
}

// A caller who goes away takes nothing along: their request ends, and nothing is half done.
func TestFault_callerGone(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	ctx, leave := context.WithCancel(context.Background())
	w.Wire.Break(apitest.Meanwhile("TransactWriteItems", leave))
	r := httptest.NewRequest("POST", "/v1/teams", strings.NewReader(`{"name": "Research"}`))
	r.Header.Set("Authorization", "Bearer "+ada.Token)
	w.Send(r.WithContext(ctx))
	w.CheckInvariants()
}
