package main

import (
	"fmt"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/secret"
	spending "github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// money drives what has to do with spend: budgets, reservations, events, credits, reports,
// alerts and reconciling.
func (g *guard) money(ada, admin *apitest.Person) {
	secret, id := ada.NewKey()
	gateway := g.Gateway()
	budget := "/v1/budgets/key/" + id

	g.as("ingest")
	g.spends(gateway, secret, "before", "0.10")
	gateway.Do("POST", "/v1/billing/credits", object{"org_id": ada.OrgID, "amount_usd": "10"}, "Idempotency-Key", "1").Want(201)

	g.as("budgets")
	ada.Do("PUT", "/v1/budgets/org/"+ada.OrgID, object{"limit_usd": "1", "period": "total"}).Want(200)
	for _, path := range []string{budget, "/v1/budgets/org/" + ada.OrgID, "/v1/budgets/team/" + ada.TeamID, "/v1/budgets/member/" + ada.ID} {
		ada.Do("PUT", path, object{"limit_usd": "1"}).Want(200)
	}
	ada.Do("PUT", budget, object{"limit_usd": "2"}).Want(200)
	ada.Do("GET", "/v1/budgets", nil).Want(200)
	admin.Do("GET", budget, nil).Want(200)

	g.as("verify")
	held := g.ask(gateway, secret, object{"reserve_usd": "0.05"})
	g.ask(gateway, secret, object{"reserve_usd": "100"})

	g.as("ingest")
	g.spends(gateway, secret, "alerting", "0.80")
	g.settles(gateway, secret, held)
	g.sends(gateway, secret, object{"event_id": "by id", "cost_usd": "0.01", "key_id": id})

	g.as("reports")
	for _, path := range []string{"/v1/spend?group_by=team", "/v1/spend?group_by=model,day", "/v1/spend?group_by=key", "/v1/billing", "/v1/billing/ledger"} {
		ada.Do("GET", path, nil).Want(200)
	}

	g.as("budgets")
	ada.Do("DELETE", budget, nil).Want(204)
}

// ask asks about a key, with more fields, and returns the reservation.
func (g *guard) ask(gateway *apitest.Person, secret string, fields object) string {
	question := object{"key": secret}
	for name, value := range fields {
		question[name] = value
	}
	return gateway.Do("POST", "/v1/keys/verify", question).Want(200).Get("reservation_id")
}

// spends reports what a request cost.
func (g *guard) spends(gateway *apitest.Person, secret, id, dollars string) {
	g.sends(gateway, secret, object{"event_id": id, "cost_usd": dollars})
}

// settles reports what a request with a reservation cost.
func (g *guard) settles(gateway *apitest.Person, secret, reservation string) {
	g.sends(gateway, secret, object{"event_id": "settles", "cost_usd": "0.01", "reservation_id": reservation})
}

func (g *guard) sends(gateway *apitest.Person, key string, event object) {
	if event["key_id"] == nil {
		event["key_hash"] = hashOf(key)
	}
	event["model"] = "gpt-4o-mini"
	event["prompt_tokens"], event["completion_tokens"] = 1, 1
	event["at"] = g.Clock.Now().Format(time.RFC3339)
	if r := gateway.Do("POST", "/v1/spend/events", []object{event}).Want(200); r.Get("counted") != "1" {
		g.t.Errorf("not counted: %s", r.Body)
	}
}

// overspend crosses every line of a budget.
func (g *guard) overspend(p *apitest.Person) {
	secret, id := p.NewKey()
	p.Do("PUT", "/v1/budgets/key/"+id, object{"limit_usd": "1"}).Want(200)
	g.spends(g.Gateway(), secret, "too much", "2")
}

// overtake sets a budget while what crosses its lines is on its way.
func (g *guard) overtake(p *apitest.Person) {
	secret, _ := p.NewKey()
	g.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		p.Do("PUT", "/v1/budgets/org/"+p.OrgID, object{"limit_usd": "1", "period": "total"}).Want(200)
	}))
	g.spends(g.Gateway(), secret, "overtaken", "2")
	g.Wire.Break(g.watch)
}

// reconcile runs the scheduled function once.
func (g *guard) reconcile(_, _ *apitest.Person) {
	reconciler := wiring.With(wiring.Settings{Store: g.Store, Now: g.Clock.Now}).Reconciler()
	g.as("reconcile")
	findings, err := reconciler.Reconcile(g.t.Context(), spending.Period{})
	if err != nil {
		g.t.Error(fmt.Errorf("reconcile: %w", err))
	}
	_ = findings // what it finds is proven elsewhere
}

func hashOf(key string) string { return secret.Hash(key) }
