// Package kill_test kills the engine, and the server with its engine, in the middle of load,
// and starts them again on the same data.
package kill_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
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
	guest   = "guest" // without credentials
)

// load is clients that change things, each until it is acknowledged, and note it.
type load struct {
	send
	mailed func(to string) (token string) // of the last invitation, or ""; nil: nobody joins
	orgID  string
	keyID  string // that spends

	stop chan struct{}
	wg   sync.WaitGroup

	mu     sync.Mutex
	made   map[string][]string // what was acknowledged: ids, by action
	events int
	wrong  []string // answers that nobody should get
	life   int      // of the engine: how often it was killed
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
	what   string // an action, or spending
	id     string
	events int
}

// unsaved is how long the engine may take to save what it has answered.
const unsaved = 250 * time.Millisecond

// acknowledge notes an answer, for the case that the engine dies before it has saved, or has
// died since the question.
func (l *load) acknowledge(what string, a answer, events int) {
	if a.life != l.life {
		l.unsure.add(a.ID, events)
		return
	}
	l.unsure.recent = append(l.unsure.recent, acknowledged{time.Now(), what, a.ID, events})
}

// killed tells that the engine has just died.
func (l *load) killed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.life++
	for _, a := range l.unsure.recent {
		if time.Since(a.at) < unsaved {
			l.unsure.add(a.id, a.events)
		}
	}
	l.unsure.recent = nil
}

func (u *unsure) add(id string, events int) {
	if u.ids == nil {
		u.ids = map[string]bool{}
	}
	u.ids[id] = true
	u.events += events
}

const workers = 8

func (l *load) start() {
	l.stop, l.made = make(chan struct{}), map[string][]string{}
	deeds := []func(){l.makeTeam, func() { l.invite() }, l.makeKey, l.topUp, l.spend}
	if l.mailed != nil {
		deeds = append(deeds, l.join)
	}
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

// end lets everybody finish what they want, and nothing more, once each kind of change was
// acknowledged since the engine last died: on a busy machine that takes longer than a moment.
func (l *load) end() {
	for patience := time.Now().Add(startTime); len(l.awaited()) > 0; time.Sleep(pause) {
		if time.Now().After(patience) {
			l.complain("since the engine was started again, nothing was acknowledged of %v", l.awaited())
			break
		}
	}
	close(l.stop)
	l.wg.Wait()
}

// spending is what clients do beside the actions that audit entries name.
const spending = "spending"

// awaited is what was not acknowledged since the engine last died.
func (l *load) awaited() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	kinds := []string{"team.created", "invitation.created", "key.created", "key.revoked", "credits.added", spending}
	if l.mailed != nil {
		kinds = append(kinds, "invitation.accepted")
	}
	return slices.DeleteFunc(kinds, func(kind string) bool {
		return slices.ContainsFunc(l.unsure.recent, func(a acknowledged) bool { return a.what == kind })
	})
}

// pause is how long a client waits that got no answer.
const pause = 20 * time.Millisecond

// answer is as much of an answer as the load looks at.
type answer struct {
	ID         string
	Membership struct {
		UserID string `json:"user_id"`
	}

	life   int // of the engine, when it was asked for
	status int
	text   string
}

func (l *load) complain(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

func (l *load) isUnsure(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unsure.ids[id]
}

// until asks until there is an answer, and returns it.
func (l *load) until(as, method, path string, body any) (a answer) {
	for key := newID(); ; time.Sleep(pause) {
		life := l.lives()
		status, content := l.send(as, method, path, body, key)
		if status == 0 || status >= 500 {
			continue
		}
		_ = json.Unmarshal(content, &a) // an empty answer has no id
		a.life, a.status, a.text = life, status, string(content)
		return a
	}
}

func (l *load) lives() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.life
}

// want is until, for what can have one answer only.
func (l *load) want(status int, as, method, path string, body any) answer {
	a := l.until(as, method, path, body)
	if a.status != status {
		l.complain("%s %s: %d %s", method, path, a.status, a.text)
	}
	return a
}

func (l *load) note(action string, a answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made[action] = append(l.made[action], a.ID)
	l.acknowledge(action, a, 0)
}

func (l *load) makeTeam() {
	l.note("team.created", l.want(201, owner, "POST", "/v1/teams", m{"name": "Research"}))
}

func (l *load) invite() (email string, a answer) {
	email = apitest.Address("bob")
	a = l.want(201, owner, "POST", "/v1/invitations", m{"email": email, "role": "viewer"})
	l.note("invitation.created", a)
	return email, a
}

// join invites somebody who accepts. The invitation may be among what the engine lost, and
// without an answer nothing was mailed.
func (l *load) join() {
	email, invited := l.invite()
	token := l.mailed(email)
	if token == "" {
		return
	}
	switch a := l.until(guest, "POST", "/v1/invitations/accept", m{"token": token}); {
	case a.status == 200:
		a.ID = a.Membership.UserID
		l.note("invitation.accepted", a)
	case a.status != 404 || !l.isUnsure(invited.ID):
		l.complain("%s was invited and cannot join: %d %s", email, a.status, a.text)
	}
}

func (l *load) makeKey() {
	a := l.want(201, owner, "POST", "/v1/keys", m{"name": "a key"})
	l.note("key.created", a)
	for { // it takes no Idempotency-Key: a repetition may be told that there is none
		a.life = l.lives()
		if status, _ := l.send(owner, "DELETE", "/v1/keys/"+a.ID, nil, ""); status == 204 || status == 404 {
			l.note("key.revoked", a)
			return
		}
		time.Sleep(pause)
	}
}

func (l *load) topUp() {
	l.note("credits.added", l.want(201, gateway, "POST", "/v1/billing/credits", m{"org_id": l.orgID, "amount_usd": 1}))
}

const batch = 20

func (l *load) spend() {
	events := make([]m, batch)
	for i := range events {
		events[i] = m{"event_id": newID(), "key_id": l.keyID, "model": "gpt-4o-mini", "cost_usd": "0.001", "at": time.Now().Format(time.RFC3339Nano)}
	}
	a := l.want(200, gateway, "POST", "/v1/spend/events", events)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events += batch
	l.acknowledge(spending, a, batch)
}

func newID() string { return ident.New(time.Now()) }
