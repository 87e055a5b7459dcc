// Package spend knows what LLM requests cost: events that the gateway reports, each counted
// once, and the sums that reports are read from.
//
// Money is integer nanodollars from the first byte on: a cost is rounded once, half to even,
// when its text is read, and only ever added after that.
package spend

import (
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/money"
)

// What an event may be.
const (
	MaxEvents  = 1000                  // of one batch
	MaxAge     = 35 * 24 * time.Hour   // since the request
	MaxAhead   = 5 * time.Minute       // of our clock
	MaxCost    = 10_000 * money.Dollar // absurd beyond
	MaxEventID = 256                   // bytes
	MaxModel   = 256                   // bytes
	MaxTokens  = 1_000_000_000         // absurd beyond
	Keep       = 90 * 24 * time.Hour   // how long events are kept; more than MaxAge, so that no replay finds its marker gone
	Unknown    = "unknown"             // the model of an event that names none
)

// OpenSince is the first month that events are still taken for. Sums of months before do not
// change any more; a day is for requests that are under way, and clocks that are apart.
func OpenSince(now time.Time) time.Time { return firstOfMonth(now.Add(-MaxAge - day)) }

// OtherModels stands for the models of a key's month, or of a day, beyond those that sums
// keep apart.
const OtherModels = "(other models)"

// Event is what one LLM request cost, as the gateway reported it.
type Event struct {
	ID      string // the gateway's own, unique in the org
	KeyHash string // names the key: its hash or
	KeyID   string // its id
	Model   string
	Cost    money.Amount
	Prompt  int64 // tokens
	Output  int64 // tokens
	At      time.Time

	Reservation string // that the event settles; may be empty
}

// Charge is an event and who pays for it.
type Charge struct {
	Event
	Payer
	Budgets []budgets.Budget // that it counts to, as read
}

// Payer is whom the events of a key are charged to. It is read from the key, which outlives
// memberships: a key that was revoked since still pays for what it was used for.
type Payer struct {
	OrgID   string
	KeyName string
	UserID  string
	Email   string
	TeamID  string
}

// Same reports whether two events of one id are one event, sent twice.
func (e Event) Same(o Event) bool {
	return e.ID == o.ID && e.KeyID == o.KeyID && e.Model == o.Model && e.Cost == o.Cost &&
		e.Prompt == o.Prompt && e.Output == o.Output && e.At.Equal(o.At)
}

// Tally is a sum of events.
type Tally struct {
	Cost     money.Amount
	Requests int64
	Prompt   int64
	Output   int64
}

// Tally is the event as a sum of one.
func (e Event) Tally() Tally { return Tally{e.Cost, 1, e.Prompt, e.Output} }

// Plus returns the sum of both.
func (t Tally) Plus(o Tally) Tally {
	return Tally{t.Cost + o.Cost, t.Requests + o.Requests, t.Prompt + o.Prompt, t.Output + o.Output}
}

// Status is what became of an event.
type Status string

// The statuses. A duplicate was counted before; a conflict has the id of another event, and
// is not counted.
const (
	Counted   Status = "counted"
	Duplicate Status = "duplicate"
	Conflict  Status = "conflict"
	Rejected  Status = "rejected"
)

// Result is what became of one event of a batch.
type Result struct {
	Index   int // in the batch
	EventID string
	Status  Status
	Reason  Reason // of a rejection
}

// Reason is why an event was rejected. Reasons are stable.
type Reason string

// The reasons.
const (
	Malformed      Reason = "malformed"
	IDMissing      Reason = "event_id_missing"
	IDTooLong      Reason = "event_id_too_long"
	KeyMissing     Reason = "key_missing"
	KeyUnknown     Reason = "key_unknown"
	OrgDeleted     Reason = "org_deleted"
	ModelInvalid   Reason = "model_invalid"
	CostMissing    Reason = "cost_missing"
	CostInvalid    Reason = "cost_invalid"
	CostNegative   Reason = "cost_negative"
	CostTooLarge   Reason = "cost_too_large"
	TokensInvalid  Reason = "tokens_invalid"
	TimeMissing    Reason = "time_missing"
	TimeInvalid    Reason = "time_invalid"
	TooOld         Reason = "too_old"
	InFuture       Reason = "in_the_future"
	IDInvalid      Reason = "event_id_invalid"
	ReserveInvalid Reason = "reservation_id_invalid"
)

// Reasons are all of them, in words.
var Reasons = map[Reason]string{
	Malformed:      "This is no JSON object of the form that events have.",
	IDMissing:      "The event has no id.",
	IDTooLong:      "The event's id is longer than 256 bytes.",
	IDInvalid:      "The event's id is no text, or has control characters.",
	KeyMissing:     "The event names no key.",
	KeyUnknown:     "There is no such key.",
	OrgDeleted:     "The key's organization was deleted.",
	ModelInvalid:   "The model is no text of at most 256 bytes, or has control characters.",
	CostMissing:    "The event has no cost.",
	CostInvalid:    "The cost is not a number of dollars.",
	CostNegative:   "The cost is negative.",
	CostTooLarge:   "The cost is over 10,000 dollars.",
	TokensInvalid:  "Tokens are whole numbers from 0 to 1,000,000,000.",
	TimeMissing:    "The event has no time.",
	TimeInvalid:    "The event's time cannot be read.",
	TooOld:         "The event is more than 35 days old.",
	InFuture:       "The event is more than 5 minutes ahead of our clock.",
	ReserveInvalid: "The reservation's id is not a UUID.",
}
