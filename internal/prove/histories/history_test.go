package histories_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// history is what all clients asked and were told.
type history struct {
	mu    sync.Mutex
	wants []want
	uses  []use
	ends  []end
}

// want is one thing that a client wanted, and every try of it until it was answered.
type want struct {
	action string // that the record has of it, once for each
	times  int    // how many entries it takes when it is done
	maybe  bool   // it may be true already: then there is no entry
	tries  []answer
}

// answer is one try: what was answered, and the id that its entries carry.
type answer struct {
	status     int
	requestID  string
	begun, got time.Time
}

// unknown reports whether the caller cannot tell what became of it.
func (a answer) unknown() bool { return a.status >= 500 }

func (a answer) yes() bool { return a.status < 300 }

// done reports whether the last try was acknowledged.
func (w want) done() bool { return w.tries[len(w.tries)-1].yes() }

// use is the use of something that can be revoked.
type use struct {
	of    credential
	begun time.Time
	good  bool
}

// credential is a key's secret, a session or a link.
type credential struct {
	secret string
	kind   string // key, session or link
	id     string // of the key or the invitation
	userID string
	known  time.Time // it was made before
}

// end is an acknowledged end of credentials.
type end struct {
	what       string
	begun, got time.Time
	of         func(credential) bool
}

func (h *history) used(c credential, begun time.Time, good bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.uses = append(h.uses, use{c, begun, good})
}

// ended notes what the last try of w has ended, if it was acknowledged.
func (h *history) ended(w want, of func(credential) bool) {
	if !w.done() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ends = append(h.ends, end{w.action, w.tries[0].begun, w.tries[len(w.tries)-1].got, of})
}

func (h *history) wanted(w want) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wants = append(h.wants, w)
}

// stale are the uses that were good although what they used had ended before they began. An
// end covers what was made before it was asked for.
func (h *history) stale() (found []string) {
	for _, e := range h.ends {
		for _, u := range h.uses {
			if u.good && u.begun.After(e.got) && u.of.known.Before(e.begun) && e.of(u.of) {
				found = append(found, u.of.kind+" "+u.of.id+" was good after the acknowledged "+e.what)
			}
		}
	}
	return found
}

// tally counts answers by what was asked for and what was told, such as "member.removed
// refused".
type tally map[string]int

const acknowledged, refused, unknown = "acknowledged", "refused", "unknown"

func (n tally) add(h *history) {
	for _, w := range h.wants {
		last := w.tries[len(w.tries)-1]
		told := refused
		if last.unknown() {
			told = unknown
		} else if last.yes() {
			told = acknowledged
		}
		n[told]++
		n["asked again"] += len(w.tries) - 1
		n[w.action+" "+told]++
	}
	for _, u := range h.uses {
		if u.good {
			n["uses that were good"]++
		}
	}
	n["ends of credentials"] += len(h.ends)
}

// actions are what clients want of the record.
var actions = []string{
	"invitation.created", "invitation.accepted", "invitation.declined", "invitation.revoked", "invitation.resent",
	"member.role_changed", "member.removed", "member.left", "org.ownership_transferred",
	"key.created", "key.rotated", "key.revoked", "credits.added",
}

// wantLively fails the test if so little succeeded, or failed, that it proves little. Of a
// short history some rare deeds may all be refused.
func (n tally) wantLively(t *testing.T) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(n)) {
		t.Logf("%6d %s", n[what], what)
	}
	if asked := n[acknowledged] + n[refused] + n[unknown]; n[acknowledged] < asked/4 || n[refused] < asked/10 {
		t.Errorf("of %d calls %d were acknowledged and %d refused", asked, n[acknowledged], n[refused])
	}
	done, least := 0, prove.Times(1, 10)
	for _, action := range actions {
		if n[action+" "+acknowledged] >= least {
			done++
		}
	}
	if done < prove.Times(len(actions)-4, len(actions)) {
		t.Errorf("only %d of %d kinds of calls were acknowledged %d times or more", done, len(actions), least)
	}
	if n["invitation.accepted "+acknowledged] == 0 || n["uses that were good"] == 0 || n["ends of credentials"] == 0 || n["asked again"] == 0 {
		t.Error("nobody joined, nothing was used or ended, or no call failed")
	}
}

// entries are the org's audit entries, by the request that made them.
func entries(books apitest.Books) map[string][]apitest.Row {
	by := map[string][]apitest.Row{}
	for _, o := range books.Orgs {
		for _, e := range o.Audit {
			by[e.Text("request_id")] = append(by[e.Text("request_id")], e)
		}
	}
	return by
}

// beside are the actions that some changes record of what they drag along.
var beside = map[string][]string{
	"member.removed": {"key.revoked"}, "member.left": {"key.revoked"}, "member.role_changed": {"key.revoked"},
}

// count is how many entries of the action its tries left; others are those that it should
// not have left.
func (w want) count(by map[string][]apitest.Row) (n int, others []string) {
	for _, try := range w.tries {
		for _, e := range by[try.requestID] {
			switch action := e.Text("action"); {
			case action == w.action:
				n++
			case !slices.Contains(beside[w.action], action):
				others = append(others, action)
			}
		}
	}
	return n, others
}
