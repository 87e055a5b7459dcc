package spend

import (
	"context"
	"time"

	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/gateway"
)

// ErrBatchSize is the fault of a batch with no events, or too many.
var ErrBatchSize = fault.BadField("body", "A batch has 1 to 1,000 events.")

// Account is who pays for the events of a key, as read: zero when there is no such key.
type Account struct {
	KeyID string
	Payer
	OrgLives bool
	Budgeted []budgets.Scope // of which the org has budgets
	Budgets  []budgets.Budget
}

// KeyRef names a key, by its hash or by its id.
type KeyRef struct{ Hash, ID string }

// IngestStore is what Ingester needs.
type IngestStore interface {
	// Accounts returns the gateway's tokens and, in order, who pays for the keys.
	Accounts(ctx context.Context, refs []KeyRef) (gateway.Tokens, []Account, error)
	// SaveCharges counts charges, each with its sums in one transaction, and returns, in
	// order, the event of the same id that was there before, or nil for one that is counted
	// now. No two may have the same org and id. After an error, some may be counted.
	SaveCharges(ctx context.Context, charges []Charge, now time.Time) ([]*Event, error)
}

// Ingester counts what the gateway reports.
type Ingester struct {
	Store  IngestStore
	Alerts budgets.Alerter
	Now    func() time.Time
}

// Ingest reads a body of events and counts those that are good, for the holder of a gateway
// token. What it returns as counted is stored for good. An error means that the whole body
// should be sent again: what was counted already will be a duplicate then.
func (i Ingester) Ingest(ctx context.Context, token string, body []byte) ([]Result, error) {
	records := split(body)
	if len(records) == 0 || len(records) > MaxEvents {
		return nil, ErrBatchSize
	}
	b := batch{results: make([]Result, len(records)), charges: make([]Charge, 0, len(records))}
	now := i.Now()
	b.parse(records, now)
	tokens, accounts, err := i.Store.Accounts(ctx, b.refs)
	if err != nil {
		return nil, err
	}
	if err := tokens.Check(token); err != nil {
		return nil, err
	}
	b.charge(accounts)
	stored, err := i.Store.SaveCharges(ctx, b.charges, now)
	if err != nil {
		return nil, err
	}
	b.judge(stored)
	i.Alerts.Check(ctx, b.budgets()) // of duplicates too: the one who counted them may have died before
	return b.results, nil
}

// batch is a body of events under way.
type batch struct {
	results []Result
	events  []parsed // those that are good as far as they tell themselves
	refs    []KeyRef // distinct

	charges []Charge // of the first event of each id
	twins   []twin   // all that are charged or repeat a charge
}

// parsed is an event, its place in the batch, and its key's place in refs.
type parsed struct {
	Event
	index, ref int
}

// twin is an event that has the org and id of a charge, the charge's own event too.
type twin struct {
	Event
	index, charge int
}

func (b *batch) parse(records [][]byte, now time.Time) {
	places := map[KeyRef]int{}
	for index, r := range records {
		e, why := parse(r)
		if why == "" {
			why = timely(e.At, now)
		}
		b.results[index] = Result{Index: index, EventID: e.ID, Status: Rejected, Reason: why}
		if why != "" {
			continue
		}
		ref := KeyRef{e.KeyHash, e.KeyID}
		place, known := places[ref]
		if !known {
			place = len(b.refs)
			places[ref] = place
			b.refs = append(b.refs, ref)
		}
		b.events = append(b.events, parsed{e, index, place})
	}
}

// timely bounds an event's age, so that the marker of every event that could be replayed is
// still there.
func timely(at, now time.Time) Reason {
	switch {
	case at.Before(now.Add(-MaxAge)):
		return TooOld
	case at.After(now.Add(MaxAhead)):
		return InFuture
	}
	return ""
}

// charge finds who pays, and which events of the batch have the same id.
func (b *batch) charge(accounts []Account) {
	type id struct{ org, event string }
	first := map[id]int{}
	for _, p := range b.events {
		account := accounts[p.ref]
		switch {
		case account.KeyID == "":
			b.results[p.index].Reason = KeyUnknown
			continue
		case !account.OrgLives:
			b.results[p.index].Reason = OrgDeleted
			continue
		}
		p.KeyID, p.KeyHash = account.KeyID, ""
		at, again := first[id{account.OrgID, p.ID}]
		if !again {
			at = len(b.charges)
			first[id{account.OrgID, p.ID}] = at
			b.charges = append(b.charges, Charge{p.Event, account.Payer, account.Budgets})
		}
		b.twins = append(b.twins, twin{p.Event, p.index, at})
	}
}

// budgets are those that the batch's charges count to, each once.
func (b *batch) budgets() (found []budgets.Budget) {
	seen := map[string]bool{}
	for _, c := range b.charges {
		for _, budget := range c.Budgets {
			if !seen[budget.Revision] {
				seen[budget.Revision] = true
				found = append(found, budget)
			}
		}
	}
	return found
}

// judge says what became of each event: the first of an id is counted unless it was there
// before; all others are the same event or contradict it.
func (b *batch) judge(stored []*Event) {
	settled := make([]bool, len(b.charges))
	for _, t := range b.twins {
		result, before := &b.results[t.index], stored[t.charge]
		if before == nil && !settled[t.charge] {
			settled[t.charge], result.Status = true, Counted
			continue
		}
		if before == nil {
			before = &b.charges[t.charge].Event
		}
		result.Status = Conflict
		if t.Same(*before) {
			result.Status = Duplicate
		}
	}
}
