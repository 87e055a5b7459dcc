package apitest

import (
	"context"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/gateway"
)

// gatewayTokens holds one token for each table: only two are good at a time, and worlds
// share a table.
var gatewayTokens struct {
	sync.Mutex
	byTable map[string]string
}

// Gateway returns the LLM gateway, with its token.
func (w *World) Gateway() *Person {
	w.Helper()
	gatewayTokens.Lock()
	defer gatewayTokens.Unlock()
	token, known := gatewayTokens.byTable[w.Table]
	if !known {
		token = w.NewGatewayToken()
		if gatewayTokens.byTable == nil {
			gatewayTokens.byTable = map[string]string{}
		}
		gatewayTokens.byTable[w.Table] = token
	}
	return &Person{World: w, Token: token}
}

// NewGatewayToken rotates the gateway's tokens. In a shared table, Gateway does.
func (w *World) NewGatewayToken() string {
	w.Helper()
	token, err := gateway.Rotator{Store: w.Store, Now: w.Clock.Now}.Rotate(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	return token
}

// Verdict asks, as the gateway, about a key and perhaps a model, and returns the code.
func (p *Person) Verdict(key string, model ...string) string {
	p.Helper()
	return p.Ask(key, model...).Get("code")
}

// Ask asks, as the gateway, about a key and perhaps a model.
func (p *Person) Ask(key string, model ...string) *Reply {
	p.Helper()
	question := Map{"key": key}
	if len(model) > 0 {
		question["model"] = model[0]
	}
	r := p.Do("POST", "/v1/keys/verify", question).Want(200)
	if valid := r.Get("valid") == "true"; valid != (r.Get("code") == "ok") {
		p.Errorf("valid and code contradict each other: %s", r.Body)
	}
	return r
}

// NewKey creates a key and returns its secret and id. Fields are added to those of a plain
// inference key.
func (p *Person) NewKey(fields ...Map) (secret, id string) {
	p.Helper()
	body := Map{"name": "a key"}
	for _, more := range fields {
		for name, value := range more {
			body[name] = value
		}
	}
	r := p.Do("POST", "/v1/keys", body).Want(201)
	return r.Get("key"), r.Get("id")
}

// Stop holds the clock at a time until the returned function is called.
func (c *Clock) Stop(t time.Time) (run func()) {
	c.stopped.Store(t.UnixMicro())
	return func() { c.stopped.Store(0) }
}
