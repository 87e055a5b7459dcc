package authz

import (
	"errors"
	"slices"
	"testing"

	"github.com/nemorouter/nemo-team/internal/fault"
)

func TestTable_namesEachPermissionOnce(t *testing.T) {
	seen := map[Permission]bool{}
	for _, g := range Table {
		if seen[g.Permission] || len(g.Roles) == 0 {
			t.Errorf("%s stands twice, or is nobody's", g.Permission)
		}
		seen[g.Permission] = true
		if !slices.Contains(g.Roles, Owner) {
			t.Errorf("the owner lacks %s", g.Permission)
		}
	}
}

// Whoever can grant a role holds all that it can do, but for billing, which a viewer reads
// and an admin does not: that exception is the design's.
func TestCanGrant_givesNothingThatTheGranterLacks(t *testing.T) {
	for _, by := range Roles() {
		for _, role := range Roles() {
			can := CanGrant(by, role)
			if want := (by == Owner || by == Admin) && role != Owner; can != want {
				t.Errorf("%s can grant %s: %t", by, role, can)
			}
			if slices.Contains(Granters(role), by) != can {
				t.Errorf("the granters of %s are %v", role, Granters(role))
			}
			for _, p := range role.Permissions() {
				if can && !by.Has(p) && p != BillingRead {
					t.Errorf("%s grants %s, and with it %s", by, role, p)
				}
			}
			if err := CheckGrant(Actor{Role: by}, role); (err == nil) != can || err != nil && !errors.Is(err, ErrRoleTooHigh) {
				t.Errorf("%s to %s: %v", by, role, err)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	const here, there, me, you = "here", "there", "me", "you"
	for name, c := range map[string]struct {
		role  Role
		p     Permission
		thing Thing
		want  error
	}{
		"own key":                       {Member, KeysManageOwn, Thing{here, me}, nil},
		"another's key":                 {Member, KeysManageOwn, Thing{here, you}, ErrForbidden},
		"another's key, as admin":       {Admin, KeysManageOwn, Thing{here, you}, nil},
		"own key, as viewer":            {Viewer, KeysManageOwn, Thing{here, me}, ErrForbidden},
		"own key of another org":        {Owner, KeysManageOwn, Thing{there, me}, fault.ErrNotFound},
		"another org, as owner":         {Owner, OrgRead, Thing{OrgID: there}, fault.ErrNotFound},
		"another org, without the role": {Viewer, OrgDelete, Thing{OrgID: there}, fault.ErrNotFound},
		"the org":                       {Owner, OrgDelete, Thing{OrgID: here}, nil},
		"the org, as admin":             {Admin, OrgDelete, Thing{OrgID: here}, ErrForbidden},
		"no role":                       {"", OrgRead, Thing{OrgID: here}, ErrForbidden},
		"unknown permission":            {Owner, "org:sell", Thing{OrgID: here}, ErrForbidden},
	} {
		if err := Check(Actor{OrgID: here, UserID: me, Role: c.role}, c.p, c.thing); !errors.Is(err, c.want) || (c.want == nil && err != nil) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestParseRole_knowsFourWordsAndNoOthers(t *testing.T) {
	for _, r := range Roles() {
		if got, err := ParseRole(string(r)); got != r || err != nil {
			t.Errorf("%s: %s, %v", r, got, err)
		}
	}
	for _, s := range []string{"", "Owner", "owner ", "root", "proxy_admin", "ownеr"} {
		if got, err := ParseRole(s); got != "" || !errors.Is(err, ErrUnknownRole) {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
}
