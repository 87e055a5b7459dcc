package pages_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// unheard is what a form answers whose writes are done, and nobody hears of it.
func unheard(b browser, page string, form ...string) *apitest.Reply {
	b.Helper()
	defer b.Wire.Break(apitest.On("TransactWriteItems", apitest.Lose))()
	return b.send(page, form...).Want(503)
}

// Whether a form worked may not be known. Then no page says that it did not, and a button that
// is pressed again does nothing twice.
func TestBoard_unheardAnswers(t *testing.T) {
	for _, page := range []string{"/teams", "/keys"} {
		b := browse(apitest.New(t).SignUp("Acme"))
		nonce := b.NoID()
		form := []string{"do", "create", "name", "Research", "scopes", "inference", "nonce", nonce}
		r := unheard(b, page, form...)
		says(t, r, `name="nonce" value="`+nonce+`"`)
		before := len(b.List("/v1" + page))
		says(t, b.send(page, form...).Want(409), "This form was sent twice", "The first time worked")
		if n := len(b.List("/v1" + page)); n != before {
			t.Errorf("%s: there are %d instead of %d by now", page, n, before)
		}
		r = b.send(page, "do", "create", "name", "www.evil.example", "scopes", "inference", "nonce", nonce).Want(422)
		silent(t, r, nonce) // nothing was done: another form
	}
}

// Who changes a form that worked and sends it again is told so, and gets a form that works.
func TestBoard_formsSentAgainWithOtherValues(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	const told = "This form was already sent with other values, and that worked. Look at the list, then start again."
	for _, page := range []string{"/teams", "/keys"} {
		nonce := b.NoID()
		form := func(name string) []string {
			return []string{"do", "create", "name", name, "scopes", "inference", "nonce", nonce}
		}
		b.send(page, form("Research")...)
		before := len(b.List("/v1" + page))
		r := b.send(page, form("Lab")...).Want(422)
		says(t, r, told, `value="Lab"`)
		silent(t, r, "Idempotency-Key", nonce)
		if n := len(b.List("/v1" + page)); n != before {
			t.Errorf("%s: there are %d instead of %d by now", page, n, before)
		}
	}
	id, nonce := b.List("/v1/keys")[0]["id"].(string), b.NoID()
	b.send("/keys", "do", "rotate", "id", id, "grace_seconds", "0", "nonce", nonce).Want(200)
	r := b.send("/keys", "do", "rotate", "id", id, "grace_seconds", "3600", "nonce", nonce).Want(422)
	says(t, r, "This form was sent twice", told, "the secret was shown then")
	silent(t, r, "Idempotency-Key")
}

func TestBoard_unheardRotation(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	_, id := b.WithKey("inference")
	r := unheard(b, "/keys", "do", "rotate", "id", id, "grace_seconds", "0", "nonce", b.NoID())
	says(t, r, "Not available right now", "may have been done all the same")
	silent(t, r, "Nothing was changed")
}

func TestBoard_unheardInvitations(t *testing.T) {
	b := browse(apitest.New(t).SignUp("Acme"))
	list := apitest.Address("one") + ", viewer\n" + apitest.Address("two")
	form := []string{"do", "invite", "people", list, "role", "viewer", "team", b.TeamID}
	r := unheard(b, "/team", form...)
	says(t, r, ">\n"+list+"</textarea>", `<option value="viewer" selected>`, "Some of them may be invited")
	b.send("/team", form...)
	for _, line := range strings.Split(list, "\n") {
		email, _, _ := strings.Cut(line, ",")
		if n := len(b.Mail.To(email)); n > 1 {
			t.Errorf("%s got %d mails", email, n)
		}
	}
	if n := len(b.List("/v1/invitations")); n != 2 {
		t.Errorf("there are %d invitations", n)
	}
}

// Mails that take too long are left to the sweep: who was invited is told in time.
func TestBoard_slowMails(t *testing.T) {
	t.Parallel()
	b := browse(apitest.New(t).SignUp("Acme"))
	defer b.Wire.Break(func(c apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "UpdateItem" && bytes.Contains(c.Body, []byte(`"sent"`)) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		return send()
	})()
	list := apitest.Address("one") + "\n" + apitest.Address("two")
	r := b.send("/team", "do", "invite", "people", list, "role", "viewer", "team", b.TeamID).Want(200)
	says(t, r, "2 of 2 invited.", "the mail follows")
}
