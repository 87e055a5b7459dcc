package spend

import (
	"encoding/json"
	"time"

	"github.com/nemorouter/nemo-team/internal/ident"
)

// liteLLM reads LiteLLM's standard logging payload. A cost may be null where nothing was
// spent. A failure costs nothing and settles nothing, whatever it says: another attempt of
// the call may be on its way. What is held for a call that fails for good lapses.
func (r record) liteLLM() (e Event, why Reason) {
	if e.ID, why = r.callID(); why != "" {
		return e, why
	}
	var metadata struct {
		KeyHash json.RawMessage `json:"user_api_key_hash"`
		Auth    json.RawMessage `json:"user_api_key_auth_metadata"`
	}
	if !missing(r.Metadata) && json.Unmarshal(r.Metadata, &metadata) != nil {
		return e, Malformed
	}
	hash, ok := text(metadata.KeyHash)
	if !ok || hash == "" {
		return e, KeyMissing
	}
	e.KeyHash = hash
	if !r.failed() {
		e.Reservation = reservation(metadata.Auth)
		if !missing(r.ResponseCost) {
			if e.Cost, why = cost(r.ResponseCost); why != "" {
				return e, why
			}
		}
	}
	at := r.EndTime
	if missing(at) {
		at = r.StartTime
	}
	if missing(at) {
		return e, TimeMissing
	}
	if e.At, why = moment(at); why != "" {
		return e, why
	}
	return r.common(e, r.Model, r.ModelGroup)
}

// callID is the event's id. The payload's id is the provider's and may collide or be empty;
// litellm_call_id is the gateway's own. All attempts of a call have it, so that those which
// failed, before another succeeded, are told apart by when they began.
func (r record) callID() (string, Reason) {
	id := r.CallID
	if s, ok := text(id); ok && s == "" {
		id = r.ID
	}
	call, why := eventID(id)
	if why != "" || !r.failed() {
		return call, why
	}
	began, _ := moment(r.StartTime) // if it is told
	if call += " failed " + began.UTC().Format(time.RFC3339Nano); len(call) > MaxEventID {
		return "", IDTooLong
	}
	return call, ""
}

func (r record) failed() bool {
	status, _ := text(r.Status)
	return status == "failure"
}

// reservation is what events/litellm_custom_auth.py, which asked about the key, put into the
// key's own metadata; no client can. What cannot be one is passed over: the event counts, and
// what was held lapses.
func reservation(auth json.RawMessage) string {
	var metadata struct {
		ID json.RawMessage `json:"nemo_reservation_id"`
	}
	if missing(auth) || json.Unmarshal(auth, &metadata) != nil {
		return ""
	}
	if id, ok := text(metadata.ID); ok && ident.Valid(id) {
		return id
	}
	return ""
}
