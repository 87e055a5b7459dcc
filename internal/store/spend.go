package store

import (
	"context"
	"sync"

	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// keyIDRow leads from a key's id to its org.
type keyIDRow struct {
	OrgID string `json:"org_id"`
}

// homes remembers which org a key is of, which never changes: the org's row can be read
// along with the key's. Whatever it says is checked against the key as read.
type homes struct {
	sync.Mutex
	orgs map[spend.KeyRef]string
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

// Accounts returns the gateway's tokens and who pays for the keys. It needs one round trip
// for keys that it has met before, and two for others: their orgs are not known earlier.
func (s *Store) Accounts(ctx context.Context, refs []spend.KeyRef) (t gateway.Tokens, accounts []spend.Account, err error) {
	owners := s.homes.find(refs)
	items, err := s.getMany(ctx, append([]key{gatewayKey}, accountKeys(refs, owners)...)...)
	if err != nil {
		return t, nil, err
	}
	if err := decode(items[0], &t); err != nil {
		return t, nil, err
	}
	accounts, strange := make([]spend.Account, len(refs)), false
	items = items[1:]
	for i, r := range refs {
		if owners[i] != "" {
			accounts[i], err = account(items[2*i], items[2*i+1])
		} else {
			owners[i] = text(items[2*i], "org_id")
			strange = strange || owners[i] != ""
			if r.Hash != "" && items[2*i] != nil {
				accounts[i], err = account(items[2*i], nil)
			}
		}
		if err != nil {
			return t, nil, err
		}
	}
	if !strange {
		return t, accounts, nil
	}
	s.homes.learn(refs, owners)
	return t, accounts, s.meet(ctx, refs, owners, accounts)
}

// meet completes the accounts of keys whose orgs were not known.
func (s *Store) meet(ctx context.Context, refs []spend.KeyRef, owners []string, accounts []spend.Account) error {
	items, err := s.getMany(ctx, accountKeys(refs, owners)...)
	if err != nil {
		return err
	}
	for i := range refs {
		if owners[i] == "" || accounts[i].OrgLives {
			continue
		}
		if accounts[i], err = account(items[2*i], items[2*i+1]); err != nil {
			return err
		}
	}
	return nil
}

// accountKeys are two for each reference: the key's row, then its org's, or the first again
// while the org is not known.
func accountKeys(refs []spend.KeyRef, owners []string) []key {
	wanted := make([]key, 0, 2*len(refs))
	for i, r := range refs {
		t := tenant(owners[i])
		switch {
		case r.Hash != "" && t == "":
			wanted = append(wanted, secretKey(r.Hash), secretKey(r.Hash))
		case r.Hash != "":
			wanted = append(wanted, secretKey(r.Hash), t.org())
		case t == "":
			wanted = append(wanted, keyIDKey(r.ID), keyIDKey(r.ID))
		default:
			wanted = append(wanted, t.virtualKey(r.ID), t.org())
		}
	}
	return wanted
}

// account reads a key and its org. It is zero when there is no such key.
func account(keyItem, orgItem attributes) (spend.Account, error) {
	if keyItem == nil {
		return spend.Account{}, nil
	}
	k, err := decodeAs[keys.Key](keyItem)
	if err != nil {
		return spend.Account{}, err
	}
	a := spend.Account{KeyID: k.ID, Payer: spend.Payer{
		OrgID: k.OrgID, KeyName: k.Name, UserID: k.UserID, Email: k.Email, TeamID: k.TeamID,
	}}
	o, err := decodePresent[orgs.Org](orgItem)
	a.OrgLives = o != nil && o.ID == k.OrgID && o.Live()
	return a, err
}
