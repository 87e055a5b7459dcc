package audit

import "slices"

// actions are all that are recorded, for forms that let people choose one.
var actions = []Action{
	OrgCreated,
	OrgUpdated,
	OrgOwnershipTransferred,
	OrgDeleted,
	OrgPurged,
	TeamCreated,
	TeamUpdated,
	TeamDeleted,
	MemberUpdated,
	MemberRoleChanged,
	MemberRemoved,
	MemberLeft,
	InvitationCreated,
	InvitationResent,
	InvitationRevoked,
	InvitationAccepted,
	InvitationDeclined,
	InvitationExpired,
	SessionCreated,
	SessionEnded,
	SessionsEnded,
	KeyCreated,
	KeyUpdated,
	KeyRotated,
	KeyRevoked,
	BudgetSet,
	BudgetDeleted,
	CreditsAdded,
}

// Actions returns all actions, by noun.
func Actions() []Action { return slices.Clone(actions) }
