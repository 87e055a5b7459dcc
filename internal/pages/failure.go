package pages

import (
	"log/slog"
	"net/http"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/web"
)

// failureData is a fault as a page.
type failureData struct {
	Title     string
	Detail    string // the fault's own words
	Advice    string // what to do now, if the words do not say
	Action    action // where to go on; none if zero
	RequestID string // shown when the fault may be ours
}

// action is a link that looks like a button.
type action struct{ Label, Href string }

var failurePage = newPage[failureData]("failure.html")

var toSignIn = action{"Sign in", "/signin"}

// known are the pages of the faults that people meet, by code.
var known = map[string]failureData{
	"invitation_expired": {
		Title:  "Invitation expired",
		Advice: "Whoever invited you can send it again. The new mail brings a new link.",
	},
	"invitation_revoked": {
		Title:  "Invitation withdrawn",
		Advice: "If this looks like a mistake, write to the person who invited you.",
	},
	"invitation_declined": {
		Title:  "Invitation declined",
		Advice: "Changed your mind? Ask the person who invited you for another.",
	},
	"invitation_accepted": {
		Title:  "Invitation already accepted",
		Advice: "If that was you, sign in to get to your team.",
		Action: toSignIn,
	},
	"already_in_organization": {
		Title:  "You are in an organization already",
		Advice: "A person can be in one organization at a time, and leaving it revokes the keys that they have there.",
		Action: action{"Sign in to leave it", "/signin"},
	},
	"cross_origin": {
		Title:  "Sent by another site",
		Advice: "Nothing was changed. If you meant to do this, open the page here and do it again.",
	},
	"link_invalid": {Title: "This link no longer works"},
	"not_found": {
		Title:  "Page not found",
		Advice: "The address may be mistyped, or belong to an organization that you are not in.",
	},
	"rate_limited": {Title: "Too many requests"},
	"unavailable":  {Title: "Not available right now"},
	"internal":     {Title: "Something went wrong"},
}

// fail shows err as a page. Where is the way on if the fault's code has none of its own.
func fail(w http.ResponseWriter, r *http.Request, err error, where action) {
	flt := fault.As(err)
	data, ok := known[flt.Code]
	if !ok {
		data.Title = "That did not work"
	}
	data.Detail = flt.Detail
	if data.Action == (action{}) {
		data.Action = where
	}
	if flt.Kind == fault.Internal || flt.Kind == fault.Unavailable {
		data.RequestID = logged(r, err)
	}
	retryAfter(w, flt)
	failurePage.render(w, r, web.Status(flt.Kind), data)
}

// onwards is the way on after a link was posted to in vain: to the page at dead if the
// link is, else back to the link's own page, to try again.
func onwards(err error, dead action, path string) action {
	switch fault.As(err).Kind {
	case fault.NotFound, fault.Gone:
		return dead
	default:
		return action{"Try again", path}
	}
}

// logged notes what the reader does not see, under the id that they do. The path stays
// out: it may hold a token.
func logged(r *http.Request, err error) (requestID string) {
	requestID = web.RequestID(r.Context())
	slog.ErrorContext(r.Context(), "page failed", "route", r.Pattern, "request_id", requestID, "error", err)
	return requestID
}
