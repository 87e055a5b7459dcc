package pages

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// secretData shows a key's secret, the one time that it can be shown.
type secretData struct {
	frame
	Lead   string
	Secret string
	Uses   bool // models, through the gateway
	Back   string
}

var secretPage = newBoardPage[secretData]("secret.html")

func (v visit) showSecret(title, lead string, held keys.Held, plain string) error {
	secretPage.render(v.w, v.r, http.StatusOK, secretData{
		frame: v.frame("keys", title), Lead: lead, Secret: plain, Uses: held.Has(keys.Inference), Back: v.path("keys"),
	})
	return nil
}

func (d Dashboard) createKey(v visit) error {
	held, plain, err := d.newKey(v)
	if err != nil {
		return d.askCreateKey(v, err)
	}
	return v.showSecret("Key created", "“"+held.Name+"” works from now on.", held, plain)
}

func (d Dashboard) newKey(v visit) (keys.Held, string, error) {
	limits, ends, err := v.keyTerms()
	if err != nil {
		return keys.Held{}, "", err
	}
	if len(v.r.PostForm["scopes"]) == 0 {
		return keys.Held{}, "", errNoScope
	}
	in := keys.New{UserID: v.value("user"), Name: v.value("name"), ExpiresAt: ends, Limits: limits}
	for _, s := range v.r.PostForm["scopes"] {
		in.Scopes = append(in.Scopes, keys.Scope(s))
	}
	return d.Keys.Create.Create(v.once().Context(), v.actor(), in)
}

// changeable is the key that a page is about, if changing it would be offered.
func (d Dashboard) changeable(v visit, id string) (keys.Held, error) {
	k, err := d.Keys.Read.Get(v.r.Context(), v.actor(), id)
	if err == nil && !v.mayChange(k) {
		err = fault.ErrNotFound.Saying("This key cannot be changed by you, or was revoked.")
	}
	return k, err
}

func (d Dashboard) askEditKey(v visit, refused error) error {
	k, err := d.changeable(v, or(v.query("id"), v.value("id")))
	if err != nil {
		return err
	}
	value := v.value
	if refused == nil {
		value = func(name string) string { return present(k)[name] }
	}
	f := v.keyForm("edit", "Change “"+k.Name+"”", value)
	f.ID, f.Button = k.ID, "Save"
	if ends := present(k)["expires_at"]; ends != "" {
		f.Ends.Min = min(f.Ends.Min, ends) // it may stay: no browser may keep an ended key from a new name
	}
	f.Lead = "What you change counts from the next request on. The secret stays."
	return f.show(v, refused)
}

// present are a key's terms as the form has them.
func present(k keys.Held) map[string]string {
	values := map[string]string{"name": k.Name, "models": strings.Join(k.Models, "\n")}
	if k.RequestsPerMinute > 0 {
		values["requests_per_minute"] = strconv.Itoa(k.RequestsPerMinute)
	}
	if !k.ExpiresAt.IsZero() {
		values["expires_at"] = k.ExpiresAt.UTC().Format(time.DateOnly)
	}
	return values
}

func (d Dashboard) editKey(v visit) error {
	limits, ends, err := v.keyTerms()
	if err != nil {
		return d.askEditKey(v, err)
	}
	k, err := d.changeable(v, v.value("id"))
	if err != nil {
		return err
	}
	name := v.value("name")
	change := keys.Change{Name: &name, Models: &limits.Models, RequestsPerMinute: &limits.RequestsPerMinute}
	if v.value("expires_at") != present(k)["expires_at"] { // else its hour stays too
		change.ExpiresAt = &ends
	}
	if _, err := d.Keys.Manage.Edit(v.r.Context(), v.actor(), k.ID, change); err != nil {
		return d.askEditKey(v, err)
	}
	return v.done("keys", "key-edited")
}

func (d Dashboard) askRotate(v visit, refused error) error {
	k, err := d.changeable(v, v.query("id"))
	if err != nil {
		return err
	}
	return v.ask("keys", askData{
		frame: titled("Rotate “" + k.Name + "”?"),
		Lead:  k.Start + "…" + k.End + " gets a new secret, which is shown once. Its limits stay.",
		Do:    "rotate", ID: k.ID, Nonce: ident.New(v.now), Button: "Rotate the key",
		Choice: choice{Name: "grace_seconds", Label: "How long should the old secret go on working?", Options: []option{
			{"0", "Not at all", "It may have leaked.", false},
			{"3600", "One hour", "", false},
			{"86400", "One day", "Enough to roll the new one out.", true},
			{"604800", "One week", "", false},
		}},
		Facts: []string{"A secret from an earlier rotation stops at once."},
	}, refused)
}

func (d Dashboard) rotate(v visit) error {
	seconds, err := strconv.Atoi(v.value("grace_seconds"))
	if err != nil {
		return keys.ErrBadGrace
	}
	held, plain, err := d.Keys.Manage.Rotate(v.once().Context(), v.actor(), v.value("id"), seconds)
	if err != nil {
		return err
	}
	lead := "The old secret of “" + held.Name + "” no longer works."
	if seconds > 0 {
		lead = "The old secret of “" + held.Name + "” ends " + in(time.Duration(seconds)*time.Second) + "."
	}
	return v.showSecret("Key rotated", lead, held, plain)
}

func (d Dashboard) askRevokeKey(v visit, refused error) error {
	k, err := d.changeable(v, v.query("id"))
	if err != nil {
		return err
	}
	return v.ask("keys", askData{
		frame: titled("Revoke “" + k.Name + "”?"),
		Lead:  k.Start + "…" + k.End + " ends for good.",
		Do:    "revoke", ID: k.ID, Danger: true, Button: "Revoke the key",
		Facts: []string{
			"The next request with it fails, and so does its old secret if it was rotated.",
			"It cannot be brought back. To replace it without a gap, rotate it instead.",
			"Its name stays in the audit trail.",
		},
	}, refused)
}

func (d Dashboard) revokeKey(v visit) error {
	if err := d.Keys.Manage.Revoke(v.r.Context(), v.actor(), v.value("id")); err != nil {
		return err
	}
	return v.done("keys", "key-revoked")
}
