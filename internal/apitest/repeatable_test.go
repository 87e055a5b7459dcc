package apitest_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// A repeatable is an operation that takes an Idempotency-Key.
type repeatable struct {
	name    string
	success string // status
	id      string // where the answer has the id of what was made
	action  string // that the record has once more after it
	extra   int    // entries of the action that preparing made
	prepare func(w *apitest.World) (do func(headers ...string) *apitest.Reply)
}

var repeatables = []repeatable{
	{"sign-up", "201", "org.id", "org.created", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		email := apitest.Address("ada")
		w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": email, "org_name": "Acme"}).Want(202)
		token := w.Mail.Token(email)
		return func(headers ...string) *apitest.Reply {
			return w.Stranger().Do("POST", "/v1/signup/confirm", apitest.Map{"token": token}, headers...)
		}
	}},
	{"create invitation", "201", "id", "invitation.created", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		ada, email := w.SignUp("Acme"), apitest.Address("bob")
		return func(headers ...string) *apitest.Reply {
			return ada.Do("POST", "/v1/invitations", apitest.Map{"email": email, "role": "member"}, headers...)
		}
	}},
	{"bulk", "200", "created", "invitation.created", bulkRows - 1, func(w *apitest.World) func(...string) *apitest.Reply {
		ada, body := w.SignUp("Acme"), apitest.Map{"invitations": rows(bulkRows)}
		return func(headers ...string) *apitest.Reply {
			return ada.Do("POST", "/v1/invitations/bulk", body, headers...)
		}
	}},
	{"accept", "200", "membership.user_id", "invitation.accepted", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		email := apitest.Address("bob")
		w.SignUp("Acme").Invite(email, "member")
		token := w.Mail.Token(email)
		return func(headers ...string) *apitest.Reply {
			return w.Stranger().Do("POST", "/v1/invitations/accept", apitest.Map{"token": token, "name": "Bob"}, headers...)
		}
	}},
	{"resend", "200", "id", "invitation.resent", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		ada := w.SignUp("Acme")
		id := ada.Invite(apitest.Address("bob"), "member")
		return func(headers ...string) *apitest.Reply {
			return ada.Do("POST", "/v1/invitations/"+id+"/resend", nil, headers...)
		}
	}},
	{"create team", "201", "id", "team.created", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		ada := w.SignUp("Acme")
		return func(headers ...string) *apitest.Reply {
			return ada.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}, headers...)
		}
	}},
	{"create key", "201", "id", "key.created", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		ada := w.SignUp("Acme")
		return func(headers ...string) *apitest.Reply {
			return ada.Do("POST", "/v1/keys", apitest.Map{"name": "a key"}, headers...)
		}
	}},
	{"top up", "201", "id", "credits.added", 0, func(w *apitest.World) func(...string) *apitest.Reply {
		ada, gw := w.SignUp("Acme"), w.Gateway()
		return func(headers ...string) *apitest.Reply {
			return gw.Do("POST", "/v1/billing/credits", apitest.Map{"org_id": ada.OrgID, "amount_usd": 1}, withSuffix(headers, ada.OrgID)...)
		}
	}},
}

// withSuffix is the headers of a call under another idempotency key: all orgs have one
// gateway.
func withSuffix(headers []string, suffix string) []string {
	if len(headers) < 2 {
		return headers
	}
	return []string{headers[0], headers[1] + suffix}
}

// bulkRows is more than fit into one transaction.
const bulkRows = 20

// wantOnce fails the test unless the operation happened once.
func (op repeatable) wantOnce(t *testing.T, books apitest.Books) {
	t.Helper()
	n := 0
	for _, o := range books.Orgs {
		n += o.Entries(op.action)
	}
	if n != 1+op.extra {
		t.Errorf("it happened: the record has %d entries %s, want %d", n, op.action, 1+op.extra)
	}
}
