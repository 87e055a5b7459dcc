package spend

import (
	"encoding/json"

	"github.com/nemorouter/nemo-team/internal/ident"
)

// liteLLM reads LiteLLM's standard logging payload. Its id is the provider's and may
// collide or be empty; litellm_call_id is the gateway's own. A cost may be null where
// nothing was spent, and a failure costs nothing whatever it says.
func (r record) liteLLM() (e Event, why Reason) {
	id := r.CallID
	if s, ok := text(id); ok && s == "" {
		id = r.ID
	}
	if e.ID, why = eventID(id); why != "" {
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
	e.KeyHash, e.Reservation = hash, reservation(metadata.Auth)
	if status, _ := text(r.Status); status != "failure" && !missing(r.ResponseCost) {
		if e.Cost, why = cost(r.ResponseCost); why != "" {
			return e, why
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
