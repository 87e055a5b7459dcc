// Package kill_test kills the engine, and the server with its engine, in the middle of load,
// and starts them again on the same data.
package kill_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/ident"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	os.Exit(m.Run())
}

type m = apitest.Map

// send makes one request, as an owner or as the gateway, and returns its status and answer;
// 0 if there was none. An empty key is none.
type send func(as, method, path string, body any, idempotencyKey string) (int, []byte)

const (
	owner   = "owner"
	gateway = "gateway"
)

// load is clients that change things, each until it is acknowledged, and note it.
type load struct {
	send
	orgID string
	keyID string // that spends

	stop chan struct{}
	wg   sync.WaitGroup

	mu     sync.Mutex
	made   map[string][]string // what was acknowledged: ids, by action
	events int
	wrong  []string // answers that nobody should get
	unsure unsure
}

// unsure is what was acknowledged just before a kill. The local engine answers before it
// has saved, which was seen to lose the last transaction, acknowledged less than a
// microsecond before; in the cloud an answer means that it is saved. What is gone must be
// gone whole, as the invariants tell.
type unsure struct {
	ids    map[string]bool
	events int
	recent []acknowledged
}

type acknowledged struct {
	at     time.Time
	id     string
	events int
}

// unsaved is how long the engine may take to save what it has answered.
const unsaved = 250 * time.Millisecond

// acknowledge notes an answer, for the case that the engine dies before it has saved.
func (l *load) acknowledge(id string, events int) {
	l.unsure.recent = append(l.unsure.recent, acknowledged{time.Now(), id, events})
}

// killed tells that the engine has just died.
func (l *load) killed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.unsure.ids == nil {
		l.unsure.ids = map[string]bool{}
	}
	for _, a := range l.unsure.recent {
		if time.Since(a.at) < unsaved {
			l.unsure.ids[a.id] = true
			l.unsure.events += a.events
		}
	}
	l.unsure.recent = nil
}

const workers = 8

func (l *load) start() {
	l.stop, l.made = make(chan struct{}), map[string][]string{}
	deeds := []func(){l.makeTeam, l.invite, l.makeKey, l.topUp, l.spend}
	for i := range workers {
		l.wg.Go(func() {
			for n := i; ; n++ {
				select {
				case <-l.stop:
					return
				default:
					deeds[n%len(deeds)]()
				}
			}
		})
	}
}

// end lets everybody finish what they want, and nothing more.
func (l *load) end() {
	close(l.stop)
	l.wg.Wait()
}

// until asks until there is an answer, and returns it.
func (l *load) until(want int, as, method, path string, body any) (answer struct {
	ID  string
	Key string
}) {
	key := newID()
	for {
		status, content := l.send(as, method, path, body, key)
		if status == 0 || status >= 500 {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		if status != want {
			l.mu.Lock()
			l.wrong = append(l.wrong, fmt.Sprintf("%s %s: %d %s", method, path, status, content))
			l.mu.Unlock()
		}
		_ = json.Unmarshal(content, &answer) // an empty answer has no id
		return answer
	}
}

func (l *load) note(action, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made[action] = append(l.made[action], id)
	l.acknowledge(id, 0)
}

func (l *load) makeTeam() {
	l.note("team.created", l.until(201, owner, "POST", "/v1/teams", m{"name": "Research"}).ID)
}

func (l *load) invite() {
	l.note("invitation.created", l.until(201, owner, "POST", "/v1/invitations", m{"email": apitest.Address("bob"), "role": "member"}).ID)
}

func (l *load) makeKey() {
	id := l.until(201, owner, "POST", "/v1/keys", m{"name": "a key"}).ID
	l.note("key.created", id)
	for { // it takes no Idempotency-Key: a repetition may be told that there is none
		if status, _ := l.send(owner, "DELETE", "/v1/keys/"+id, nil, ""); status == 204 || status == 404 {
			l.note("key.revoked", id)
			return
		}
	}
}

func (l *load) topUp() {
	l.note("credits.added", l.until(201, gateway, "POST", "/v1/billing/credits", m{"org_id": l.orgID, "amount_usd": 1}).ID)
}

const batch = 20

func (l *load) spend() {
	events := make([]m, batch)
	for i := range events {
		events[i] = m{"event_id": newID(), "key_id": l.keyID, "model": "gpt-4o-mini", "cost_usd": "0.001", "at": time.Now().Format(time.RFC3339Nano)}
	}
	l.until(200, gateway, "POST", "/v1/spend/events", events)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events += batch
	l.acknowledge("", batch)
}

func newID() string { return ident.New(time.Now()) }
