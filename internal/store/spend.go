package store

import (
	"context"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/orgs"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// keyIDRow leads from a key's id to its org.
type keyIDRow struct {
	OrgID string `json:"org_id"`
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
	for i := range refs {
		if owners[i] == "" {
			owners[i] = text(items[2*i], "org_id")
			strange = strange || owners[i] != ""
			continue
		}
		if accounts[i], err = account(items[2*i], items[2*i+1]); err != nil {
			return t, nil, err
		}
	}
	if strange {
		s.homes.learn(refs, owners)
		if err := s.meet(ctx, refs, owners, accounts); err != nil {
			return t, nil, err
		}
	}
	return t, accounts, s.findBudgets(ctx, accounts)
}

// findBudgets adds the budgets that the accounts' spend counts to. Where there can be none,
// it reads nothing.
func (s *Store) findBudgets(ctx context.Context, accounts []spend.Account) error {
	wanted, whose := []key{}, []int{}
	for i, a := range accounts {
		if !a.OrgLives {
			continue
		}
		for _, k := range tenant(a.OrgID).budgetsOnPath(budgets.Path(a.OrgID, a.TeamID, a.UserID, a.KeyID), a.Budgeted) {
			wanted, whose = append(wanted, k), append(whose, i)
		}
	}
	items, err := s.getMany(ctx, wanted...)
	if err != nil {
		return err
	}
	for n, item := range items {
		if item == nil {
			continue
		}
		b, err := decodeAs[budgets.Budget](item)
		if err != nil {
			return err
		}
		accounts[whose[n]].Budgets = append(accounts[whose[n]].Budgets, b)
	}
	return nil
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
	a.OrgLives, a.Budgeted = o != nil && o.ID == k.OrgID && o.Live(), budgeted(orgItem)
	return a, err
}
