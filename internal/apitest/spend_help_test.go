package apitest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// biller is the gateway, as far as it reports spend.
type biller struct{ *apitest.Person }

func billerOf(w *apitest.World) biller {
	w.Helper()
	return biller{w.Gateway()}
}

// payer is a key that pays.
type payer struct{ hash, id string }

// pay creates a key for the person.
func pay(p *apitest.Person) payer {
	p.Helper()
	r := p.Do("POST", "/v1/keys", apitest.Map{"name": "pays"}).Want(201)
	sum := sha256.Sum256([]byte(r.Get("key")))
	return payer{hex.EncodeToString(sum[:]), r.Get("id")}
}

// event is an event of the key now, for $0.001 unless fields say otherwise.
func (b biller) event(k payer, id string, fields ...apitest.Map) apitest.Map {
	e := apitest.Map{
		"event_id": id, "key_hash": k.hash, "model": "gpt-4o-mini", "cost_usd": "0.001",
		"prompt_tokens": 100, "completion_tokens": 10, "at": b.Clock.Now().Format(time.RFC3339Nano),
	}
	for _, more := range fields {
		for name, value := range more {
			e[name] = value
		}
	}
	return e
}

// ingested is the answer to a batch.
type ingested struct {
	Results []struct {
		Index                  int
		EventID                string `json:"event_id"`
		Status, Reason, Detail string
	}
	Counted, Duplicates, Conflicts, Rejected int
}

// report sends a batch and returns the answer.
func (b biller) report(events ...apitest.Map) (in ingested) {
	b.Helper()
	b.Do("POST", "/v1/spend/events", events).Want(200).Decode(&in)
	if len(in.Results) != len(events) {
		b.Fatalf("%d results for %d events", len(in.Results), len(events))
	}
	return in
}

// tally says what became of a batch: "2 counted 1 duplicate 0 conflict 0 rejected".
func (in ingested) tally() string {
	return fmt.Sprintf("%d counted %d duplicate %d conflict %d rejected", in.Counted, in.Duplicates, in.Conflicts, in.Rejected)
}

func (in ingested) want(t testing.TB, counted, duplicates, conflicts, rejected int) ingested {
	t.Helper()
	want := ingested{Counted: counted, Duplicates: duplicates, Conflicts: conflicts, Rejected: rejected}.tally()
	if got := in.tally(); got != want {
		t.Fatalf("got %s, want %s: %+v", got, want, in.Results)
	}
	return in
}

// total is the last line of a report.
func spent(p *apitest.Person, query string) string {
	p.Helper()
	r := p.Do("GET", "/v1/spend?"+query, nil).Want(200)
	return fmt.Sprintf("$%s in %s, %s+%s tokens", r.Get("total.spend_usd"), r.Get("total.requests"), r.Get("total.prompt_tokens"), r.Get("total.completion_tokens"))
}

func wantSpent(t testing.TB, p *apitest.Person, query, want string) {
	t.Helper()
	if got := spent(p, query); got != want {
		t.Errorf("%s: got %s, want %s", query, got, want)
	}
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(b)
}
