package authz

import "time"

// Via is how an actor proved who they are.
type Via string

// The ways in.
const (
	ViaSession Via = "session"
	ViaKey     Via = "key"
	ViaLink    Via = "link"    // the holder of an emailed link
	ViaGateway Via = "gateway" // the gateway's own token
	ViaSystem  Via = "system"  // the scheduled function
)

// Actor is who does something: a person in their membership, or the system.
type Actor struct {
	Request
	Via    Via
	UserID string
	Email  string
	Name   string
	OrgID  string
	TeamID string
	Role   Role

	OrgName  string    // for mails
	OrgSince time.Time // for limits that grow with an org's age

	SessionID string // the session in use, if it is one
	KeyID     string // the key in use, if it is one
	Ceiling   Role   // that key's: see keys.Key
}

// Request tells where a request came from, for the audit trail.
type Request struct {
	RequestID string
	IP        string
	UserAgent string
}

// System is the actor of what happens by itself, such as expiry.
func System(orgID string) Actor { return Actor{Via: ViaSystem, OrgID: orgID} }
