package authz

import (
	"fmt"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// The refusals. Each is decided here and nowhere else.
var (
	ErrForbidden      = fault.New(fault.Forbidden, "forbidden", "Your role does not allow this.")
	ErrRoleTooHigh    = fault.New(fault.Forbidden, "role_too_high", "Nobody can grant a role above their own, and ownership moves only by transfer.")
	ErrRoleChanged    = fault.New(fault.Conflict, "changed_meanwhile", "Your role changed at the same time. Look again, then repeat.")
	ErrOwnerProtected = fault.New(fault.Conflict, "owner_protected", "The owner can be neither changed nor removed. Transfer the ownership first.")
)

// Thing is what an action is about. The zero OwnerID stands for things that belong to
// the org as a whole.
type Thing struct {
	OrgID   string
	OwnerID string // the user whose own thing it is
}

// general maps a permission for one's own things to the one for everybody's.
var general = map[Permission]Permission{KeysManageOwn: KeysManage}

// Check is the one decision on whether actor may do p to thing. Things of another org are
// answered as unknown. A permission for own things covers the things of others when the
// role also holds its general form.
func Check(actor Actor, p Permission, thing Thing) error {
	if thing.OrgID != actor.OrgID {
		return fault.ErrNotFound
	}
	if wide, ok := general[p]; ok && thing.OwnerID != actor.UserID {
		p = wide
	}
	if !actor.Role.Has(p) {
		return lacking(p)
	}
	return nil
}

// CheckOrg is Check for what belongs to the actor's org as a whole.
func CheckOrg(actor Actor, p Permission) error {
	return Check(actor, p, Thing{OrgID: actor.OrgID})
}

func lacking(p Permission) error {
	return ErrForbidden.Saying(fmt.Sprintf("Your role does not hold the permission %s.", p))
}

// CanGrant reports whether somebody of role by may give role to another, by invitation or
// by a role change: nobody grants more than they hold, and nobody is made owner.
func CanGrant(by, role Role) bool {
	return by.Has(InvitationsManage) && role != Owner && role.Rank() >= by.Rank()
}

// Granters returns the roles that can grant role.
func Granters(role Role) []Role {
	var granters []Role
	for _, by := range everyone {
		if CanGrant(by, role) {
			granters = append(granters, by)
		}
	}
	return granters
}

// CheckGrant is CanGrant as an error, ErrRoleTooHigh.
func CheckGrant(actor Actor, role Role) error {
	if !CanGrant(actor.Role, role) {
		return ErrRoleTooHigh
	}
	return nil
}

// CheckActOn returns ErrOwnerProtected when the one to be changed or removed is the owner.
func CheckActOn(target Role) error {
	if target == Owner {
		return ErrOwnerProtected
	}
	return nil
}
