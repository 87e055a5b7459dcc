package faults_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// boundary is one call that an operation makes: the nth of its kind, such as Query 2. Calls
// that an operation makes at the same time have no order beside this.
type boundary struct {
	call string // of DynamoDB, or SendEmail
	n    int
}

func (b boundary) String() string { return fmt.Sprint(b.call, " ", b.n) }

// reads reports whether the call changes nothing.
func (b boundary) reads() bool {
	return slices.Contains([]string{"GetItem", "BatchGetItem", "Query", "Scan"}, b.call)
}

// way is how a call is cut.
type way struct {
	name  string
	sent  bool // the other side hears of the call, and nobody of its answer
	dead  bool // the program dies with it: no later call goes out
	hang  bool // there is no answer, until time is over
	short bool // tried in the short form
}

// fits reports whether the way differs from others at the boundary: a read that nobody hears
// of is as good as none, and who dies before one has died behind the call before it.
func (y way) fits(b boundary) bool { return !b.reads() || !y.sent && !y.dead }

// ways are all. The short form takes the one that breaks most: it was done, and nobody heard.
var ways = []way{
	{name: "answer lost", sent: true, short: true},
	{name: "refused"},
	{name: "died behind", sent: true, dead: true},
	{name: "died before", dead: true},
	{name: "silence", hang: true},
	{name: "silence behind", sent: true, hang: true},
}

// cut is a fault at one boundary. It strikes all tries that the SDK makes of the call. The
// zero cut only lists boundaries.
type cut struct {
	at  boundary
	way way
	die context.CancelFunc

	mu     sync.Mutex
	of     map[string]boundary // by invocation, which tries share
	counts map[string]int
	listed []boundary
	struck bool
}

func (c *cut) hook(call apitest.Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	at, dead := c.meet(call, r)
	switch {
	case dead:
		return nil, apitest.ErrWire
	case at != c.at:
		return send()
	}
	if c.way.sent {
		if answer, err := send(); err == nil {
			answer.Body.Close()
		}
	}
	if c.way.hang {
		<-r.Context().Done()
	}
	c.mu.Lock()
	c.struck = true
	c.mu.Unlock()
	if c.way.dead {
		c.die() // nobody waits for what the dead do
	}
	return nil, apitest.ErrWire
}

// meet names the boundary of a call, and says whether the program has died before it.
func (c *cut) meet(call apitest.Call, r *http.Request) (at boundary, dead bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of, c.counts = map[string]boundary{}, map[string]int{}
	}
	id := r.Header.Get("Amz-Sdk-Invocation-Id")
	at, again := c.of[id]
	if !again {
		name := call.Operation
		if name == "" {
			name = "SendEmail"
		}
		c.counts[name]++
		at = boundary{name, c.counts[name]}
		c.of[id] = at
		c.listed = append(c.listed, at)
	}
	return at, c.way.dead && c.struck
}

func (c *cut) boundaries() []boundary {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listed
}

func (c *cut) hasStruck() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.struck
}
