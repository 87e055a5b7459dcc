package pages

import "github.com/nemorouter/nemo-team/internal/authz"

// ability is something that a role may or may not do, in an invitee's words.
type ability struct {
	Words string
	Held  bool
}

// inWords are the permissions that matter to somebody who is about to join.
var inWords = []struct {
	permission authz.Permission
	words      string
}{
	{authz.KeysManageOwn, "Use models with keys of your own"},
	{authz.AnalyticsRead, "See what keys and members cost"},
	{authz.AuditRead, "Read the audit trail"},
	{authz.BillingRead, "Read billing"},
	{authz.InvitationsManage, "Invite people and set their roles"},
	{authz.BudgetsManage, "Set budgets"},
	{authz.KeysManage, "Manage everybody’s keys"},
}

// abilities says what the role may do, from the one table of package authz.
func abilities(r authz.Role) []ability {
	list := make([]ability, len(inWords))
	for i, w := range inWords {
		list[i] = ability{Words: w.words, Held: r.Has(w.permission)}
	}
	return list
}
