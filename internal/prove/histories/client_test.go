package histories_test

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

type m = apitest.Map

// client asks for one thing after the other.
type client struct {
	*history
	*scene
	*rand.Rand
}

// patience is how often a client tries what is not answered.
const patience = 4

// ask wants something until there is an answer, and notes it.
func (c client) ask(w want, p *apitest.Person, method, path string, body any, headers ...string) (*apitest.Reply, want) {
	var r *apitest.Reply
	for range patience {
		begun := time.Now()
		r = p.Do(method, path, body, headers...)
		w.tries = append(w.tries, answer{r.Status, r.Header.Get("X-Request-Id"), begun, time.Now()})
		if r.Status < http.StatusInternalServerError {
			break
		}
	}
	c.wanted(w)
	return r, w
}

// keyed is ask with an Idempotency-Key.
func (c client) keyed(w want, p *apitest.Person, method, path string, body any) (*apitest.Reply, want) {
	return c.ask(w, p, method, path, body, "Idempotency-Key", p.NoID())
}

// one is a want with one entry.
func one(action string) want { return want{action: action, times: 1} }

// scene is what clients know of the world. It is shared and soon out of date.
type scene struct {
	*apitest.World
	mu        sync.Mutex
	addresses []string
	orgs      []string
	owners    map[string]*apitest.Person // by org, as far as is known
	people    map[string]*apitest.Person // by address: their last session
	sessions  []session
	invited   []invited
	keys      []key
	events    []m // that were reported, counted or not
	counted   []m // those that were acknowledged
	gateway   *apitest.Person
}

// session is a person with one session of theirs.
type session struct {
	*apitest.Person
	credential
}

// invited is an invitation, as its inviter knows it.
type invited struct{ org, id, email string }

// key is a key, with what it is used with.
type key struct {
	credential
	holder *apitest.Person
	org    string
}

// actor is an owner, as far as is known, or somebody who is, or was, in some org.
func (c client) actor() *apitest.Person {
	c.scene.mu.Lock()
	defer c.scene.mu.Unlock()
	if c.IntN(2) == 0 {
		return c.owners[c.orgs[c.IntN(len(c.orgs))]]
	}
	for {
		if p := c.people[c.addresses[c.IntN(len(c.addresses))]]; p != nil {
			return p
		}
	}
}

// inviter is an owner of the org of an invitation, as far as is known, or anybody.
func (c client) inviter(i invited) *apitest.Person {
	if c.IntN(4) == 0 {
		return c.actor()
	}
	c.scene.mu.Lock()
	defer c.scene.mu.Unlock()
	return c.owners[i.org]
}

// guest is somebody who was invited, lately for the most part.
func (c client) guest() string {
	if inv, ok := pick(c, &c.invited); ok && c.IntN(4) > 0 {
		return inv.email
	}
	return c.address()
}

// colleague is somebody of the same org, as far as is known.
func (c client) colleague(of *apitest.Person) *apitest.Person {
	for range 10 {
		if p := c.actor(); p.OrgID == of.OrgID && p.ID != of.ID {
			return p
		}
	}
	return c.actor()
}

// outsider is an address of which nobody has been seen in an org yet, if there is one.
func (c client) outsider() string {
	for range 5 {
		address := c.address()
		c.scene.mu.Lock()
		seen := c.people[address] != nil
		c.scene.mu.Unlock()
		if !seen {
			return address
		}
	}
	return c.address()
}

func pick[T any](c client, from *[]T) (one T, ok bool) {
	c.scene.mu.Lock()
	defer c.scene.mu.Unlock()
	if len(*from) == 0 {
		return one, false
	}
	recent := min(len(*from), 12) // the newest are the most alive
	return (*from)[len(*from)-1-c.IntN(recent)], true
}

func keep[T any](c client, in *[]T, one T) {
	c.scene.mu.Lock()
	defer c.scene.mu.Unlock()
	*in = append(*in, one)
}

// seated notes a fresh session.
func (c client) seated(p *apitest.Person) {
	cred := credential{p.Token, "session", p.Email, p.ID, time.Now()}
	keep(c, &c.sessions, session{p, cred})
	c.scene.mu.Lock()
	defer c.scene.mu.Unlock()
	c.people[p.Email] = p
}
