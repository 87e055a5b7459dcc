// Package users knows people: one UUID and one verified address each, for life.
package users

import "time"

// User is a person. Addresses are in their normal form (package address).
type User struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name,omitempty"`   // chosen by them; may be empty
	OrgID     string    `json:"org_id,omitempty"` // the one org that they are in; empty if none
	CreatedAt time.Time `json:"created_at"`
}

// Display is what to call the person: their name, else their address.
func Display(name, email string) string {
	if name != "" {
		return name
	}
	return email
}

// Claim ties a user to the org in User.OrgID.
type Claim struct {
	User      User
	New       bool   // the user is created with it
	VoidOrgID string // the deleted org whose claim it replaces, if there is one
}

// Known is returned by the store when a new user was to be written and the address
// already belongs to one: this one.
type Known struct{ User User }

// Error says so without telling who.
func (Known) Error() string { return "users: the address belongs to a user" }
