package spend

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/money"
)

// record holds what we know of either form; what else there is is passed over. Fields are
// read one by one, so that the one that is wrong can be named.
type record struct {
	// our own form
	EventID     json.RawMessage `json:"event_id"`
	KeyHash     json.RawMessage `json:"key_hash"`
	KeyID       json.RawMessage `json:"key_id"`
	CostUSD     json.RawMessage `json:"cost_usd"`
	At          json.RawMessage `json:"at"`
	Reservation json.RawMessage `json:"reservation_id"`

	// both
	Model      json.RawMessage `json:"model"`
	Prompt     json.RawMessage `json:"prompt_tokens"`
	Completion json.RawMessage `json:"completion_tokens"`

	// LiteLLM's standard logging payload
	CallID       json.RawMessage `json:"litellm_call_id"`
	ID           json.RawMessage `json:"id"`
	Status       json.RawMessage `json:"status"`
	ResponseCost json.RawMessage `json:"response_cost"`
	StartTime    json.RawMessage `json:"startTime"`
	EndTime      json.RawMessage `json:"endTime"`
	ModelGroup   json.RawMessage `json:"model_group"`
	Metadata     json.RawMessage `json:"metadata"`
}

// parse reads a record of either form. An event that is rejected has what could be read.
func parse(b []byte) (Event, Reason) {
	var r record
	if len(b) == 0 || b[0] != '{' || json.Unmarshal(b, &r) != nil {
		return Event{}, Malformed
	}
	if r.native() {
		return r.event()
	}
	return r.liteLLM()
}

// native tells our form by the fields that only it has.
func (r record) native() bool {
	return r.EventID != nil || r.KeyHash != nil || r.KeyID != nil || r.CostUSD != nil || r.At != nil
}

// event reads our own form.
func (r record) event() (e Event, why Reason) {
	if e.ID, why = eventID(r.EventID); why != "" {
		return e, why
	}
	hash, ok1 := text(r.KeyHash)
	id, ok2 := text(r.KeyID)
	if !ok1 || !ok2 || (hash == "") == (id == "") {
		return e, KeyMissing
	}
	e.KeyHash, e.KeyID = strings.ToLower(hash), id
	if missing(r.CostUSD) {
		return e, CostMissing
	}
	if e.Cost, why = cost(r.CostUSD); why != "" {
		return e, why
	}
	if missing(r.At) {
		return e, TimeMissing
	}
	if e.At, why = moment(r.At); why != "" {
		return e, why
	}
	if e.Reservation, ok1 = text(r.Reservation); !ok1 || e.Reservation != "" && !ident.Valid(e.Reservation) {
		return e, ReserveInvalid
	}
	return r.common(e, r.Model)
}

// common reads what both forms spell alike.
func (r record) common(e Event, models ...json.RawMessage) (Event, Reason) {
	var why Reason
	if e.Model, why = model(models); why != "" {
		return e, why
	}
	var ok1, ok2 bool
	e.Prompt, ok1 = tokens(r.Prompt)
	e.Output, ok2 = tokens(r.Completion)
	if !ok1 || !ok2 {
		return e, TokensInvalid
	}
	return e, ""
}

// missing reports whether a field is not there, or null.
func missing(b json.RawMessage) bool { return len(b) == 0 || string(b) == "null" }

// text reads a string; a missing one is empty.
func text(b json.RawMessage) (s string, ok bool) {
	if missing(b) {
		return "", true
	}
	return s, json.Unmarshal(b, &s) == nil
}

func eventID(b json.RawMessage) (string, Reason) {
	id, ok := text(b)
	switch {
	case !ok || strings.ContainsFunc(id, unicode.IsControl):
		return "", IDInvalid
	case strings.TrimSpace(id) == "":
		return "", IDMissing
	case len(id) > MaxEventID:
		return "", IDTooLong
	}
	return id, ""
}

// model is the first that is named.
func model(names []json.RawMessage) (string, Reason) {
	for _, b := range names {
		name, ok := text(b)
		if !ok || len(name) > MaxModel || strings.ContainsFunc(name, unicode.IsControl) {
			return "", ModelInvalid
		}
		if name != "" {
			return name, ""
		}
	}
	return Unknown, ""
}

// number is the text of a JSON number, or of a string.
func number(b json.RawMessage) string {
	if s, ok := text(b); ok {
		return s
	}
	return string(b)
}

// cost reads dollars from the very digits that were sent, and rounds once.
func cost(b json.RawMessage) (money.Amount, Reason) {
	s := number(b)
	amount, err := money.Parse(s)
	switch {
	case err != nil && isNothing(s):
		return 0, ""
	case err != nil && strings.HasPrefix(s, "-"), amount < 0:
		return 0, CostNegative
	case err != nil && isNumber(s), amount > MaxCost:
		return 0, CostTooLarge
	case err != nil:
		return 0, CostInvalid
	}
	return amount, ""
}

// isNothing tells numbers that are too small to be money, such as 1e-300, from other text.
func isNothing(s string) bool {
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && math.Abs(f) < 1e-9/2 && strings.Trim(s, "+-.0123456789eE") == ""
}

// isNumber tells numbers that are too large or too precise to be money from other text.
func isNumber(s string) bool {
	f, err := strconv.ParseFloat(s, 64)
	return f > MaxCost.Dollars() && (err == nil || math.IsInf(f, 1)) && strings.Trim(s, "+-.0123456789eE") == ""
}

func tokens(b json.RawMessage) (n int64, ok bool) {
	if missing(b) {
		return 0, true
	}
	f, err := strconv.ParseFloat(string(b), 64) // some gateways count in floats
	n = int64(f)
	return n, err == nil && f >= 0 && f <= MaxTokens && float64(n) == f
}

// moment reads RFC 3339, or seconds since the epoch.
func moment(b json.RawMessage) (time.Time, Reason) {
	if s, ok := text(b); ok {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			return at, TimeInvalid
		}
		return at.UTC().Truncate(time.Microsecond), ""
	}
	const farthest = 1 << 40 // seconds; beyond, microseconds would not fit
	seconds, err := strconv.ParseFloat(string(b), 64)
	if err != nil || !(math.Abs(seconds) < farthest) {
		return time.Time{}, TimeInvalid
	}
	return time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC(), ""
}
