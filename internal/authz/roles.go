// Package authz decides who may do what: four roles, their permissions, and who may
// grant which role. This file is the one table behind the API, the dashboard, the docs
// page and GET /v1/roles.
package authz

import (
	"slices"

	"github.com/nemorouter/nemo-team/internal/fault"
)

// Role is what a membership lets its holder do.
type Role string

// The four roles, from most to least.
const (
	Owner  Role = "owner"
	Admin  Role = "admin"
	Member Role = "member"
	Viewer Role = "viewer"
)

// Permission is one thing that a role may allow, as resource:verb.
type Permission string

// All permissions. Guardrails, prompts and the playground live in the gateway, which
// asks here whether a person may.
const (
	OrgRead           Permission = "org:read"
	OrgUpdate         Permission = "org:update"
	OrgTransfer       Permission = "org:transfer"
	OrgDelete         Permission = "org:delete"
	TeamsRead         Permission = "teams:read"
	TeamsManage       Permission = "teams:manage"
	MembersRead       Permission = "members:read"
	MembersManage     Permission = "members:manage"
	InvitationsRead   Permission = "invitations:read"
	InvitationsManage Permission = "invitations:manage"
	KeysRead          Permission = "keys:read"
	KeysManageOwn     Permission = "keys:manage_own"
	KeysManage        Permission = "keys:manage"
	BudgetsRead       Permission = "budgets:read"
	BudgetsManage     Permission = "budgets:manage"
	BillingRead       Permission = "billing:read"
	BillingManage     Permission = "billing:manage"
	AnalyticsRead     Permission = "analytics:read"
	AuditRead         Permission = "audit:read"
	GuardrailsRead    Permission = "guardrails:read"
	GuardrailsManage  Permission = "guardrails:manage"
	PromptsRead       Permission = "prompts:read"
	PromptsManage     Permission = "prompts:manage"
	PlaygroundRun     Permission = "playground:run"
)

// Grant says which roles hold a permission.
type Grant struct {
	Permission Permission
	Roles      []Role
}

var (
	everyone = []Role{Owner, Admin, Member, Viewer}
	readers  = []Role{Owner, Admin, Viewer}
	doers    = []Role{Owner, Admin, Member}
	managers = []Role{Owner, Admin}
	payers   = []Role{Owner, Viewer}
	owners   = []Role{Owner}
)

// Table is who may do what.
var Table = []Grant{
	{OrgRead, everyone},
	{TeamsRead, everyone},
	{MembersRead, everyone},
	{BudgetsRead, everyone},
	{AnalyticsRead, everyone},

	{AuditRead, readers},
	{KeysRead, readers},
	{InvitationsRead, readers},
	{GuardrailsRead, readers},
	{PromptsRead, readers},

	{PlaygroundRun, doers},
	{KeysManageOwn, doers},

	{KeysManage, managers},
	{GuardrailsManage, managers},
	{PromptsManage, managers},
	{BudgetsManage, managers},
	{InvitationsManage, managers},
	{MembersManage, managers},
	{TeamsManage, managers},
	{OrgUpdate, managers},

	{BillingRead, payers},
	{BillingManage, owners},
	{OrgTransfer, owners},
	{OrgDelete, owners},
}

// descriptions say what each role is for.
var descriptions = map[Role]string{
	Owner:  "Runs the organization: everything, billing, transfer and deletion. There is exactly one.",
	Admin:  "Manages people, teams, keys and budgets. Cannot touch the owner or billing.",
	Member: "Uses the gateway with keys of their own and sees the organization's analytics.",
	Viewer: "Reads everything, billing and audit included. Holds no working inference key.",
}

// litellm holds LiteLLM's name of each role, as its wire spells it: the viewer's constant
// is named INTERNAL_USER_VIEW_ONLY there, and its value is this.
var litellm = map[Role]string{
	Owner:  "proxy_admin",
	Admin:  "org_admin",
	Member: "internal_user",
	Viewer: "internal_user_viewer",
}

// Roles returns all roles, from most to least.
func Roles() []Role { return slices.Clone(everyone) }

// ErrUnknownRole is returned by ParseRole.
var ErrUnknownRole = fault.BadField("body.role", "The role must be owner, admin, member or viewer.")

// ParseRole turns text into a role, or returns ErrUnknownRole.
func ParseRole(s string) (Role, error) {
	if !slices.Contains(everyone, Role(s)) {
		return "", ErrUnknownRole
	}
	return Role(s), nil
}

// Rank is 0 for the owner and grows as the role can do less. Lists sort by it.
func (r Role) Rank() int { return slices.Index(everyone, r) }

// LiteLLM returns LiteLLM's name of the role.
func (r Role) LiteLLM() string { return litellm[r] }

// Description says what the role is for, in a sentence or two.
func (r Role) Description() string { return descriptions[r] }

// Has reports whether the role holds the permission.
func (r Role) Has(p Permission) bool {
	for _, g := range Table {
		if g.Permission == p {
			return slices.Contains(g.Roles, r)
		}
	}
	return false
}

// held are the permissions of each role, in the table's order.
var held = func() map[Role][]Permission {
	held := map[Role][]Permission{}
	for _, g := range Table {
		for _, r := range g.Roles {
			held[r] = append(held[r], g.Permission)
		}
	}
	return held
}()

// Permissions returns all that the role holds, in the table's order. They are not the
// caller's to change.
func (r Role) Permissions() []Permission { return slices.Clip(held[r]) }
