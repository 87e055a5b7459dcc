package bench_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// stage is an org in which one operation is measured, again and again.
type stage struct {
	*apitest.World
	Owner *apitest.Person
	slug  string
	made  atomic.Int64 // things that have a name or an address of their own

	mu     sync.Mutex
	kept   map[string]string // what is made once; see once
	payers []string          // secrets of keys that have spent
	holder *apitest.Person   // of keys
	held   int               // keys of the holder
	rows   map[string]item   // that fill copies
}

// within is the stage as a part of the benchmark sees it.
func (s *stage) within(t testing.TB) *stage {
	s.World.TB = t
	return s
}

// newStage sets the scene. What sweeps needs a table of its own.
func newStage(t testing.TB, op operation) *stage {
	t.Helper()
	world := apitest.New
	if op.alone {
		world = apitest.Alone
	}
	s := &stage{World: world(t), kept: map[string]string{}}
	s.Clock.ToMidMonth() // for no day to cost more than another
	s.Owner = s.SignUp("Acme")
	s.slug = s.Owner.Do("GET", "/v1/org", nil).Want(200).Get("slug")
	return s
}

// next is a number that this stage has not given before. All have the same length, as sizes
// are measured.
func (s *stage) next() string {
	return fmt.Sprintf("%06d", s.made.Add(1))
}

// address is a fresh one. It names its org, for users are known to all.
func (s *stage) address() string {
	return "person." + s.next() + "." + s.Owner.OrgID[24:] + "@example.com"
}

// orgName is one whose slug is not taken: to try another one costs another transaction.
func (s *stage) orgName() string { return "Acme " + s.Owner.OrgID[24:] + " " + s.next() }

// hire lets a fresh person join.
func (s *stage) hire(role string) *apitest.Person {
	s.Helper()
	email := s.address()
	s.Owner.Invite(email, role)
	return s.Join(email)
}

// page is the path of a page of the org.
func (s *stage) page(method, rest string) string { return method + " /" + s.slug + "/" + rest }

// another founds an org for one action, and returns its owner and where to post to a page.
func (s *stage) another(rest string) (*apitest.Person, string) {
	s.Helper()
	other := s.SignUp(s.orgName())
	return other, "POST /" + other.Do("GET", "/v1/org", nil).Want(200).Get("slug") + "/" + rest
}

func (s *stage) team() string {
	s.Helper()
	return s.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
}

// invited invites a fresh address.
func (s *stage) invited() (email, id string) {
	s.Helper()
	email = s.address()
	return email, s.Owner.Invite(email, "member")
}

// people are n fresh rows of a bulk invitation.
func (s *stage) people(n int) (rows []apitest.Map) {
	for range n {
		rows = append(rows, apitest.Map{"email": s.address(), "role": "member"})
	}
	return rows
}

// inviteMany invites n people without mail.
func (s *stage) inviteMany(n int) {
	s.Helper()
	for ; n > 0; n -= 100 {
		s.Owner.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": s.people(min(n, 100))}).Want(200)
	}
}

// aKey creates a key of the owner and returns its secret and its id.
func (s *stage) aKey(fields ...apitest.Map) (secret, id string) {
	s.Helper()
	return s.Owner.NewKey(fields...)
}

// once makes something for all actions of the operation.
func (s *stage) once(name string, make func(*stage) string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept[name] == "" {
		s.kept[name] = make(s)
	}
	return s.kept[name]
}

// budgeted limits the org and all that is in it, and returns a key below all four.
func (s *stage) budgeted() (secret string) {
	s.Helper()
	secret, id := s.aKey()
	for _, at := range []string{"org/" + s.Owner.OrgID, "team/" + s.Owner.TeamID, "member/" + s.Owner.ID, "key/" + id} {
		s.Owner.Do("PUT", "/v1/budgets/"+at, apitest.Map{"limit_usd": 1000}).Want(200)
	}
	return secret
}

// events are n that were not reported before, of the keys in turn.
func (s *stage) events(n int, secrets ...string) (batch []apitest.Map) {
	run := s.next()
	for i := range n {
		sum := sha256.Sum256([]byte(secrets[i%len(secrets)]))
		batch = append(batch, apitest.Map{
			"event_id": fmt.Sprintf("chatcmpl-%s-%s-%06d", s.Owner.OrgID[24:], run, i), "key_hash": hex.EncodeToString(sum[:]),
			"model": fmt.Sprintf("gpt-4o-mini-%d", i%5), "cost_usd": "0.001", "prompt_tokens": 100, "completion_tokens": 10,
			"at": s.Clock.Now().Format(time.RFC3339Nano),
		})
	}
	return batch
}

// spend lets the org spend with n keys, once, and returns them.
func (s *stage) spend(n int) []string {
	s.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.payers == nil {
		for range n {
			secret, _ := s.aKey()
			s.payers = append(s.payers, secret)
		}
		s.Gateway().Do("POST", "/v1/spend/events", s.events(1000, s.payers...)).Want(200)
	}
	return s.payers
}
