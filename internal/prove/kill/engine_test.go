package kill_test

import (
	"math/rand/v2"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/dev/engine"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// moment is how long load goes on before the next kill.
func moment() time.Duration { return 200*time.Millisecond + rand.N(800*time.Millisecond) }

// The engine dies again and again under load, and comes back on its data. What the API
// acknowledged is there, and what it did not was done once when it was asked for again.
func TestKill_engine(t *testing.T) {
	dir := t.TempDir()
	e := startEngine(t, engine.Options{Dir: dir})
	t.Cleanup(func() { e.Kill() })
	apitest.Connect(e.Endpoint())
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	_, key := ada.WithKey("inference")
	people := map[string]*apitest.Person{owner: ada, gateway: w.Gateway(), guest: w.Stranger()}
	l := &load{orgID: ada.OrgID, keyID: key, mailed: w.Mail.Token, send: func(as, method, path string, body any, idempotencyKey string) (int, []byte) {
		var headers []string
		if idempotencyKey != "" {
			headers = []string{"Idempotency-Key", idempotencyKey}
		}
		r := people[as].Do(method, path, body, headers...)
		return r.Status, r.Body
	}}
	before := map[string]int{"key.created": 1}
	l.start()
	kills := prove.Times(1, 10)
	for range kills {
		time.Sleep(moment())
		e.Kill()
		l.killed()
		e = startEngine(t, engine.Options{Dir: dir, Port: portOf(t, e)})
	}
	time.Sleep(moment())
	l.end()
	l.check(t, w, before, tally{})
	prove.Count(t, kills, "kills of the engine under load")
}

func startEngine(t *testing.T, o engine.Options) *engine.Engine {
	t.Helper()
	var err error
	for range 3 { // on a busy machine a start may take too long
		var e *engine.Engine
		if e, err = engine.Start(t.Context(), o); err == nil {
			return e
		}
	}
	t.Fatal(err)
	return nil
}

func portOf(t *testing.T, e *engine.Engine) int {
	t.Helper()
	at, err := url.Parse(e.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
