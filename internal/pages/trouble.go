package pages

import "github.com/nemorouter/nemo-team/internal/fault"

// troubleData is a fault as a page of the org.
type troubleData struct {
	frame
	Detail    string // the fault's own words
	Advice    string
	Back      action
	RequestID string // shown when the fault may be ours
}

var troublePage = newBoardPage[troubleData]("trouble.html")

// trouble is what a page says beside a fault's own words.
type trouble struct{ title, advice string }

// unsure is what there is to say when a form was sent, and whether it worked is not known.
const unsure = "What you sent may have been done all the same. Look before you send it again."

// secretGone is what there is to say of a form that may have shown a secret when it was sent first.
const secretGone = "If it created or rotated a key, the secret was shown then and cannot be shown again: rotate the key to get another."

// formWords are words for people with a form, by the code of a fault whose own speak of
// requests and their keys.
var formWords = map[string]string{
	"idempotency_conflict": "The first time worked: look at the list.",
	"idempotency_mismatch": "This form was already sent with other values, and that worked. Look at the list, then start again.",
}

// forPeople is err's fault, in words for people with a form.
func forPeople(err error) *fault.Error {
	flt := fault.As(err)
	if words, ok := formWords[flt.Code]; ok {
		return flt.Saying(words)
	}
	return flt
}

// troubles are the faults that members meet, by code.
var troubles = map[string]trouble{
	"forbidden":              {"Not with your role", "Ask the owner or an admin if you need this."},
	"role_too_high":          {"That role is above yours", ""},
	"owner_protected":        {"The owner stays", ""},
	"not_found":              {"Nothing here", "It may have been removed meanwhile."},
	"changed_meanwhile":      {"Somebody else was quicker", "Nothing was changed by you."},
	"invitation_exists":      {"Invited already", ""},
	"invitation_accepted":    {"Accepted already", "They are a member by now."},
	"invitation_declined":    {"Declined already", "You can invite them again."},
	"invitation_revoked":     {"Withdrawn already", "You can invite them again."},
	"invitation_expired":     {"This invitation has expired", "There is nothing to withdraw. You can send it again."},
	"already_member":         {"A member already", ""},
	"team_deleted":           {"Its team is gone", ""},
	"team_not_empty":         {"The team is not empty", "Withdraw its invitations, and wait until its members have left."},
	"default_team_protected": {"The Default team stays", "You can rename it."},
	"key_limit_reached":      {"Too many keys", ""},
	"slug_taken":             {"That slug is taken", ""},
	"idempotency_conflict":   {"This form was sent twice", secretGone},
	"idempotency_mismatch":   {"This form was sent twice", secretGone},
	"rate_limited":           {"Enough for now", ""},
	"unavailable":            {"Not available right now", "Nothing was changed. Try again in a moment."},
	"internal":               {"Something went wrong", ""},
	"malformed_form":         {"The form could not be read", ""},
}
