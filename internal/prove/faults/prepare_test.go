package faults_test

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
)

const lifetime = invites.Lifetime

func slugOf(p *apitest.Person) string {
	p.Helper()
	return p.Do("GET", "/v1/org", nil).Want(200).Get("slug")
}

func newTeam(p *apitest.Person) string {
	p.Helper()
	return p.Do("POST", "/v1/teams", m{"name": "Research"}).Want(201).Get("id")
}

// confirms says that the last link which was mailed works.
func confirms(path string, status int) func(w *world) {
	return func(w *world) {
		w.Helper()
		w.Stranger().Do("POST", path, m{"token": w.Mail.Token(w.last)}).Want(status)
	}
}

func inviteTo(path string) func(w *world) try {
	return func(w *world) try {
		return keyed(w.SignUp("Acme"), "POST", path, m{"email": apitest.Address("bob"), "role": "member"})
	}
}

// key is one that pays.
type key struct{ id, hash string }

func payer(p *apitest.Person) key {
	p.Helper()
	plain, id := p.NewKey()
	sum := sha256.Sum256([]byte(plain))
	return key{id, hex.EncodeToString(sum[:])}
}

// bounded is a key that may spend a dollar.
func (w *world) bounded() key {
	w.Helper()
	ada := w.SignUp("Acme")
	w.key = payer(ada)
	ada.Do("PUT", "/v1/budgets/key/"+w.key.id, m{"limit_usd": 1, "period": "total"}).Want(200)
	return w.key
}

// event is an event of the key.
func (w *world) event(k key, usd string, fields ...m) m {
	e := m{"event_id": w.NoID(), "key_hash": k.hash, "model": "gpt-4o-mini", "cost_usd": usd, "at": w.Clock.Now().Format(time.RFC3339Nano)}
	for _, more := range fields {
		for name, value := range more {
			e[name] = value
		}
	}
	return e
}

// spends reports what two keys of two orgs cost.
func spends(w *world) try {
	a, b := payer(w.SignUp("Acme")), payer(w.SignUp("Acme"))
	return ask(w.Gateway(), "POST", "/v1/spend/events", []m{w.event(a, "0.01"), w.event(b, "0.02"), w.event(a, "0.04")})
}

// overLine reports what takes a budget over the line that its org is told of.
func overLine(w *world) try {
	return ask(w.Gateway(), "POST", "/v1/spend/events", []m{w.event(w.bounded(), "0.6")})
}

// settles reports what a request cost that had reserved more.
func settles(w *world) try {
	gateway, k := w.Gateway(), w.bounded()
	held := gateway.Do("POST", "/v1/keys/verify", m{"key_hash": k.hash, "reserve_usd": "1"}).Want(200).Get("reservation_id")
	return ask(gateway, "POST", "/v1/spend/events", []m{w.event(k, "0.02", m{"reservation_id": held})})
}

// wantRoom fails the test unless the key's budget still has room for so much.
func (w *world) wantRoom(usd string) {
	w.Helper()
	if r := w.Gateway().Do("POST", "/v1/keys/verify", m{"key_hash": w.key.hash, "reserve_usd": usd}).Want(200); r.Get("code") != "ok" {
		w.Errorf("there is no room left: %s", r.Body)
	}
}
