package pages_test

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// spends makes a key of the person, which costs so many dollars now. It returns the key's id.
func spends(p *apitest.Person, model, dollars string) (keyID string) {
	p.Helper()
	return spendsAt(p, model, dollars, p.Clock.Now())
}

func spendsAt(p *apitest.Person, model, dollars string, at time.Time) (keyID string) {
	p.Helper()
	plain, id := p.NewKey(apitest.Map{"name": "spender"})
	charge(p, secret.Hash(plain), model, dollars, at)
	return id
}

// charge reports one event of a key.
func charge(p *apitest.Person, hash, model, dollars string, at time.Time) {
	p.Helper()
	r := p.Gateway().Do("POST", "/v1/spend/events", []apitest.Map{{
		"event_id": p.NoID(), "key_hash": hash, "model": model, "cost_usd": dollars,
		"prompt_tokens": 1200, "completion_tokens": 30, "at": at.Format(time.RFC3339Nano),
	}}).Want(200)
	if r.Get("counted") != "1" {
		p.Fatalf("not counted: %s", r.Body)
	}
}

// limits gives something a budget of a month.
func limits(p *apitest.Person, scope, id, dollars string) {
	p.Helper()
	p.Do("PUT", "/v1/budgets/"+scope+"/"+id, apitest.Map{"limit_usd": dollars}).Want(200)
}
