package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/web"
)

// keyFormData is the form that makes a key, or changes one.
type keyFormData struct {
	frame
	Lead   string
	Action string
	Do, ID string // ID of the key, if there is one
	User   string // the holder, if it is not the visitor
	Nonce  string
	Name   field
	Scopes []option // none where they cannot be changed
	Models field
	Rate   field
	Ends   field
	Button string
	Back   string
	Notice string
}

var keyFormPage = newBoardPage[keyFormData]("key_form.html")

// keyForm is the form, filled with what is so or was typed.
func (v visit) keyForm(do, title string, value func(name string) string) keyFormData {
	return keyFormData{
		frame: v.frame("keys", title), Action: v.path("keys"), Back: v.path("keys"), Do: do,
		Name: field{Name: "name", Label: "Name", Type: "text", Value: value("name"), Required: true,
			Hint: "Where it is used, so that you find it again: “laptop”, “ci”."},
		Models: field{Name: "models", Label: "Models", Rows: 3, Value: value("models"),
			Hint: "One per line, by name or by the start of a name and a *. Empty means all."},
		Rate: field{Name: "requests_per_minute", Label: "Requests per minute", Type: "number", Value: value("requests_per_minute"),
			Min: "0", Max: strconv.Itoa(keys.MaxRequestsPerMinute), Hint: "Empty means no limit."},
		Ends: field{Name: "expires_at", Label: "Ends on", Type: "date", Value: value("expires_at"),
			Min: v.now.UTC().AddDate(0, 0, 1).Format(time.DateOnly), Hint: "At 00:00 UTC of that day. Empty means never."},
	}
}

// show shows the form, with what was wrong if it was refused.
func (f keyFormData) show(v visit, refused error) error {
	status := http.StatusOK
	if refused != nil {
		flt, ok := mendable(refused)
		if !ok {
			return refused
		}
		f.Notice = notice(flt, &f.Name, &f.Models, &f.Rate, &f.Ends)
		answer(v.w, v.r, flt, refused)
		status = web.Status(flt.Kind)
	}
	keyFormPage.render(v.w, v.r, status, f)
	return nil
}

func (d Dashboard) askCreateKey(v visit, refused error) error {
	value, user := v.query, v.query("user")
	if refused != nil {
		value, user = v.value, v.value("user")
	}
	f := v.keyForm("create", "Create a key", value)
	f.Name.Autofocus = true
	f.Button, f.Nonce, f.User = "Create the key", v.nonce(refused), user
	f.Lead = "A key lets a program ask models through the gateway. It acts as you, and dies with your membership."
	if err := authz.Check(v.actor(), authz.KeysManageOwn, authz.Thing{OrgID: v.actor().OrgID, OwnerID: or(user, v.actor().UserID)}); err != nil {
		return err
	}
	if user != "" {
		m, err := d.Members.Read.Get(v.r.Context(), v.actor(), user)
		if err != nil {
			return err
		}
		f.Lead = "The key acts as " + who(m) + ", and dies with their membership. You see its secret once, and hand it over."
	}
	sent := v.r.PostForm["scopes"]
	f.Scopes = []option{
		{"inference", "Use models", "For requests through the gateway.", refused == nil || slices.Contains(sent, "inference")},
		{"manage", "Call this API", "It may do there what its holder may.", slices.Contains(sent, "manage")},
	}
	return f.show(v, refused)
}

// errNoScope is the fault of a form without a scope. The API takes that for inference, but
// who took that tick away did not mean it.
var errNoScope = fault.BadField("body.scopes", "Choose what the key is for.")

// keyTerms are what the two forms have in common.
func (v visit) keyTerms() (keys.Limits, time.Time, error) {
	var limits keys.Limits
	for line := range strings.Lines(v.value("models")) {
		if model := strings.TrimSpace(line); model != "" {
			limits.Models = append(limits.Models, model)
		}
	}
	if rate := v.value("requests_per_minute"); rate != "" {
		var err error
		if limits.RequestsPerMinute, err = strconv.Atoi(rate); err != nil {
			return limits, time.Time{}, fault.BadField("body.requests_per_minute", "This is a whole number.")
		}
	}
	ends, err := day(v.value("expires_at"))
	if err != nil {
		err = fault.BadField("body.expires_at", "This is a day, such as 2030-12-31.")
	}
	return limits, ends, err
}

// day reads the value of a date's input; empty means the zero time.
func day(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, s)
}
