// Package budgets bounds spend: a limit for an org, a team, a member or a key, over a
// period that begins anew by the calendar of UTC.
//
// What a budget has spent is counted in its own row, in the transactions that count the
// events; only what falls into its present period counts.
package budgets

import (
	"slices"
	"strconv"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/money"
)

// Scope is what sort of thing a budget is of.
type Scope string

// The scopes. Credits is the one that nobody sets: what a prepaid org has paid for.
const (
	Org     Scope = "org"
	Team    Scope = "team"
	Member  Scope = "member"
	Key     Scope = "key"
	Credits Scope = "credits"
)

// Scopes are all, in the order in which a budget that blocks is looked for.
var Scopes = []Scope{Credits, Org, Team, Member, Key}

// Ref names a budget in its org.
type Ref struct {
	Scope Scope
	ID    string // of the thing; of the org for credits
}

// Path is all that what a key spends counts to, in the order of Scopes.
func Path(orgID, teamID, userID, keyID string) []Ref {
	return []Ref{{Credits, orgID}, {Org, orgID}, {Team, teamID}, {Member, userID}, {Key, keyID}}
}

// Budget is a limit, and what was spent of it.
type Budget struct {
	OrgID string `json:"org_id"`
	Scope Scope  `json:"scope"`
	ID    string `json:"id"` // of the thing that it is of
	Terms
	CreatedAt time.Time `json:"created_at"`
	// Revision tells a budget from one that was set after this one was deleted.
	Revision string `json:"revision"`

	Start   time.Time    `json:"period_start"` // of the period that the rest is of; see At
	Spent   money.Amount `json:"spent"`
	Used    money.Amount `json:"used"`    // spent, and held by reservations
	Alerted []int        `json:"alerted"` // percentages that were told of
	// Holds are what reservations hold of Used, by when they lapse; see Hold.
	Holds map[string]money.Amount `json:"holds"`
	// DueAt is when the sweep looks at it; zero where nothing is left to look for.
	DueAt time.Time `json:"due_at,omitempty"`
}

// Terms are what of a budget people set.
type Terms struct {
	Limit  money.Amount `json:"limit"`
	Period Period       `json:"period"`
	Alerts []int        `json:"alerts"` // percentages of the limit, ascending
}

func (t Terms) same(as Terms) bool {
	return t.Limit == as.Limit && t.Period == as.Period && slices.Equal(t.Alerts, as.Alerts)
}

// DefaultAlerts are the percentages of a budget that names none.
var DefaultAlerts = []int{50, 80, 100}

// Bounds of Terms.
const (
	MaxLimit  = 1_000_000_000 * money.Dollar
	MaxAlerts = 10
	MaxAlert  = 1000 // percent
)

// The budgets' own faults.
var (
	ErrScope   = fault.BadField("path.scope", "A budget is for an org, a team, a member or a key.")
	ErrLimit   = fault.BadField("body.limit_usd", "A limit is 0 to 1,000,000,000 dollars.")
	ErrPeriod  = fault.BadField("body.period", "A period is day, week, month or total.")
	ErrAlerts  = fault.BadField("body.alerts", "Alerts are at most 10 percentages, from 1 to 1000.")
	ErrChanged = fault.New(fault.Conflict, "changed_meanwhile", "Somebody else changed this budget at the same time. Look again, then repeat.")
)

func (t *Terms) clean() error {
	if t.Limit < 0 || t.Limit > MaxLimit {
		return ErrLimit
	}
	if !slices.Contains(Periods, t.Period) {
		return ErrPeriod
	}
	if len(t.Alerts) > MaxAlerts || slices.ContainsFunc(t.Alerts, func(p int) bool { return p < 1 || p > MaxAlert }) {
		return ErrAlerts
	}
	t.Alerts = slices.Compact(slices.Sorted(slices.Values(t.Alerts)))
	return nil
}

// Ref names the budget.
func (b Budget) Ref() Ref { return Ref{b.Scope, b.ID} }

// Blocks reports whether the limit is reached at now.
func (b Budget) Blocks(now time.Time) bool { return b.At(now).Used >= b.Limit }

// At is the budget as it stands at now: in a period that has begun since, nothing is spent
// yet, and what reservations held until now is free again.
func (b Budget) At(now time.Time) Budget {
	holds := map[string]money.Amount{}
	var held, lapsed money.Amount
	for until, amount := range b.Holds {
		if lapses(until, now) {
			lapsed += amount
			continue
		}
		held += amount
		holds[until] = amount
	}
	b.Used, b.Holds = b.Used-lapsed, holds
	if start := b.Period.Start(now); start.After(b.Start) {
		b.Start, b.Spent, b.Used, b.Alerted = start, 0, held, nil
	}
	return b
}

// Crossed are the percentages that what was spent has reached and nobody was told of.
func (b Budget) Crossed() (percentages []int) {
	for _, p := range b.Alerts {
		if b.Spent >= b.line(p) && !slices.Contains(b.Alerted, p) {
			percentages = append(percentages, p)
		}
	}
	return percentages
}

// NextLine is what must be spent to cross the next line that people are told of; the largest
// amount if all are crossed.
func (b Budget) NextLine() money.Amount {
	for _, p := range b.Alerts {
		if line := b.line(p); b.Spent < line {
			return line
		}
	}
	return money.Max
}

// told are the percentages that people were told of and that are still reached: under a
// higher limit, they are told again.
func (b Budget) told() []int {
	told := []int{}
	for _, p := range b.Alerted {
		if b.Spent >= b.line(p) {
			told = append(told, p)
		}
	}
	return told
}

// line is a percentage of the limit; the largest amount if it is beyond, and something even
// of nothing: where nothing is spent, no line is crossed.
func (b Budget) line(percent int) money.Amount {
	p := money.Amount(percent)
	if b.Limit/100 >= money.Max/p { // so that the rest below has room too
		return money.Max
	}
	return max(1, b.Limit/100*p+b.Limit%100*p/100)
}

// Target names the budget in audit entries.
func (b Budget) Target() audit.Target {
	return audit.Target{Type: audit.Budget, ID: b.ID, Name: string(b.Scope)}
}

func (t Terms) values() audit.Values {
	alerts := make([]string, len(t.Alerts))
	for i, p := range t.Alerts {
		alerts[i] = strconv.Itoa(p)
	}
	return audit.Values{"limit_usd": t.Limit.String(), "period": t.Period, "alerts": alerts}
}
