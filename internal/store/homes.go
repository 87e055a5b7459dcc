package store

import (
	"sync"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// homes remembers where to look, so that things can be read along with others that lead to
// them: which org a key is of, which never changes, and of which scopes an org had budgets.
// It decides nothing: what is read is checked against the rows that lead to it.
type homes struct {
	sync.Mutex
	orgs    map[spend.KeyRef]string
	budgets map[string][]budgets.Scope // by org
}

// maxHomes bounds what is remembered; beyond it, all is forgotten.
const maxHomes = 10_000

func (h *homes) find(refs []spend.KeyRef) (known []string) {
	h.Lock()
	defer h.Unlock()
	known = make([]string, len(refs))
	for i, r := range refs {
		known[i] = h.orgs[r]
	}
	return known
}

func (h *homes) learn(refs []spend.KeyRef, found []string) {
	h.Lock()
	defer h.Unlock()
	if h.orgs == nil || len(h.orgs)+len(refs) > maxHomes {
		h.orgs = make(map[spend.KeyRef]string, len(refs))
	}
	for i, r := range refs {
		if found[i] != "" {
			h.orgs[r] = found[i]
		}
	}
}

func (h *homes) budgeted(found []*keys.Key) [][]budgets.Scope {
	h.Lock()
	defer h.Unlock()
	known := make([][]budgets.Scope, len(found))
	for i, k := range found {
		if k != nil {
			known[i] = h.budgets[k.OrgID]
		}
	}
	return known
}

func (h *homes) learnBudgeted(orgID string, scopes []budgets.Scope) {
	h.Lock()
	defer h.Unlock()
	if h.budgets == nil || len(h.budgets) > maxHomes {
		h.budgets = map[string][]budgets.Scope{}
	}
	h.budgets[orgID] = scopes
}
