package pages

import (
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/once"
	"github.com/nemorouter/nemo-team/internal/web"
)

// parse reads the form that was posted.
func (v visit) parse() error {
	if v.r.Method != http.MethodPost {
		return nil
	}
	var err error
	if kind, _, _ := mime.ParseMediaType(v.r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		err = v.r.ParseMultipartForm(maxUpload)
	} else {
		err = v.r.ParseForm()
	}
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return errForm.Saying("The form sent more than 512 KB. Send a part of it at a time.").Because(err)
	case err != nil:
		return errForm.Because(err)
	}
	return nil
}

// query is a value of the query, trimmed.
func (v visit) query(name string) string { return strings.TrimSpace(v.r.URL.Query().Get(name)) }

// value is a value of the posted form, trimmed.
func (v visit) value(name string) string { return strings.TrimSpace(v.r.PostForm.Get(name)) }

// chosen finds what "do" asks for.
func chosen[T any](do string, of map[string]T) (T, error) {
	found, ok := of[do]
	if !ok {
		return found, errForm
	}
	return found, nil
}

// done ends a post: back to a page of the org, with a word on what was done. The word is a
// code in the query, so that no address makes a page say what its sender likes.
func (v visit) done(page, code string, namesAndValues ...string) error {
	query := url.Values{"done": {code}}
	for i := 0; i < len(namesAndValues); i += 2 {
		query.Set(namesAndValues[i], namesAndValues[i+1])
	}
	http.Redirect(v.w, v.r, v.path(page)+"?"+query.Encode(), http.StatusSeeOther)
	return nil
}

// dones are the words for what was done, by code.
var dones = map[string]string{
	"invited":     "The invitation is on its way.",
	"queued":      "The invitation is made. Its mail could not be sent yet; we try again within minutes.",
	"unwanted":    "The invitation is made, but no mail goes to this address: it complained about one before. Ask for another address.",
	"resent":      "The invitation was sent again, with a new link. The old link is dead.",
	"withdrawn":   "The invitation was withdrawn. Its link is dead.",
	"role":        "The role was changed.",
	"removed":     "The member was removed. Their keys and sessions no longer work.",
	"transferred": "The ownership was transferred. You are an admin now.",
	"key-edited":  "The key was changed.",
	"key-revoked": "The key was revoked. Requests with it fail from now on.",
	"budget-set":  "The budget is set. It counts from the next request on.",
	"budget-gone": "The budget was removed.",
	"team-made":   "The team was created.",
	"team-named":  "The team was renamed.",
	"team-gone":   "The team was deleted. Its name stays in the audit trail.",
	"named":       "Your name was changed.",
	"org":         "The organization was changed.",
}

// whys are the words for what sent somebody to the sign-in page, by code.
var whys = map[string]string{
	"session": "Sign in to see this page. Your session has ended, or this browser never had one.",
	"out":     "You are signed out on this browser.",
	"all-out": "You are signed out everywhere. Your keys still work.",
	"left":    "You left the organization. Your keys and sessions there no longer work.",
	"deleted": "The organization was deleted. Nothing of it works any more.",
}

func toSignInWith(w http.ResponseWriter, r *http.Request, why string) {
	http.Redirect(w, r, "/signin?why="+why, http.StatusSeeOther)
}

// once makes a form that was sent twice, by a double click or a reload, work once.
func (v visit) once() *http.Request {
	nonce := v.value("nonce")
	if nonce == "" || len(nonce) > once.MaxKey {
		return v.r
	}
	call := once.Call{
		Scope: v.caller.Actor.OrgID + ":" + v.caller.Actor.UserID, Key: "form:" + nonce,
		Request: once.Digest(v.r.PostForm.Encode()), At: v.now,
	}
	return v.r.WithContext(once.With(v.r.Context(), call))
}

// nonce is that of a form: a fresh one, or what was posted while it is not known whether that
// worked, so that pressing again does nothing twice.
func (v visit) nonce(refused error) string {
	if sent := v.value("nonce"); sent != "" && fault.As(refused).Kind == fault.Unavailable {
		return sent
	}
	return ident.New(v.now)
}

// fail shows err within the org's layout.
func (v visit) fail(err error) {
	flt := forPeople(err)
	if flt.Kind == fault.Unauthorized { // what let them in has just ended
		signInFirst(v.w, v.r)
		return
	}
	data := troubleData{frame: v.frame("", "That did not work"), Detail: flt.Detail, Back: v.back()}
	if t, ok := troubles[flt.Code]; ok {
		data.Title, data.Advice = t.title, t.advice
	}
	if flt.Kind == fault.Unavailable && v.r.Method == http.MethodPost {
		data.Advice = unsure
	}
	if len(flt.Fields) > 0 {
		data.Detail = flt.Fields[0].Message
	}
	if flt.Kind == fault.Internal || flt.Kind == fault.Unavailable {
		data.RequestID = logged(v.r, err)
	}
	retryAfter(v.w, flt)
	troublePage.render(v.w, v.r, web.Status(flt.Kind), data)
}

// back is the page that the visitor came from, as far as the path tells.
func (v visit) back() action {
	_, page, _ := strings.Cut(strings.TrimPrefix(v.r.URL.Path, "/"), "/")
	for _, item := range navigation {
		if item.page == page && (item.needs == "" || v.may(item.needs)) {
			return action{"Back to " + strings.ToLower(item.label), v.path(page)}
		}
	}
	return action{"Back to members", v.path("team")}
}
