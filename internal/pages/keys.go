package pages

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/keys"
)

// keysData is the list of keys.
type keysData struct {
	frame
	Tabs   []tab
	Create string // where a key is made; empty if the visitor may hold none
	All    bool   // the keys may be anybody's
	Whose  string // the one person whose keys they are; empty if not narrowed
	Clear  string
	State  keys.State
	Rows   []keyRow
	Pager  pager
}

// keyRow is one key.
type keyRow struct {
	Name, Masked string
	Holder       person
	Status       badge
	Scopes       string
	Limits       []string
	Created      moment
	LastUsed     string
	Budget       budgetBox
	Menu         menu
}

var keysPage = newBoardPage[keysData]("keys.html")

func (d Dashboard) getKeys(v visit) error {
	if do := v.query("do"); do != "" {
		show, err := chosen(do, map[string]func(visit, error) error{
			"create": d.askCreateKey, "edit": d.askEditKey, "rotate": d.askRotate, "revoke": d.askRevokeKey,
			"budget": d.askBudget("keys"), "unbudget": d.askNoBudget("keys"),
		})
		if err != nil {
			return fault.ErrNotFound
		}
		return show(v, nil)
	}
	return d.showKeys(v)
}

func (d Dashboard) postKeys(v visit) error {
	act, err := chosen(v.value("do"), map[string]func(visit) error{
		"create": d.createKey, "edit": d.editKey, "rotate": d.rotate, "revoke": d.revokeKey,
		"budget": d.setBudget("keys"), "unbudget": d.removeBudget("keys"),
	})
	if err != nil {
		return err
	}
	return act(v)
}

func (d Dashboard) showKeys(v visit) error {
	state := keys.Live
	if v.query("state") == string(keys.Revoked) {
		state = keys.Revoked
	}
	user := v.query("user")
	found, err := d.Keys.Read.List(v.r.Context(), v.actor(), keys.Filter{UserID: user, State: state}, v.rows())
	if err != nil {
		return err
	}
	boxes, err := d.budgetBoxes(v, refsOf(budgets.Key, found.Data, func(k keys.Held) string { return k.ID }))
	if err != nil {
		return err
	}
	data := keysData{
		frame: v.frame("keys", "Keys"), Tabs: v.keyTabs(user, state), All: v.may(authz.KeysRead),
		State: state, Pager: v.pager(found.Next),
	}
	if v.may(authz.KeysManageOwn) {
		data.Create = v.link("keys", "do", "create")
	}
	if user != "" && user != v.actor().UserID {
		whose, err := d.holder(v, user)
		if err != nil {
			return err
		}
		data.Whose, data.Clear = whose.Display, v.path("keys")
	}
	for _, k := range found.Data {
		data.Rows = append(data.Rows, v.keyRow(k, boxes[k.ID]))
	}
	keysPage.render(v.w, v.r, http.StatusOK, data)
	return nil
}

// keyTabs are live and revoked keys, and one's own apart where one sees those of others.
func (v visit) keyTabs(user string, state keys.State) []tab {
	own := v.actor().UserID
	revoked := tab{Label: "Revoked", Href: v.link("keys", "state", string(keys.Revoked), "user", user), Current: state == keys.Revoked}
	if !v.may(authz.KeysRead) {
		return []tab{{Label: "Live", Href: v.path("keys"), Current: state == keys.Live}, revoked}
	}
	tabs := []tab{{Label: "All live", Href: v.path("keys"), Current: state == keys.Live && user != own}}
	if v.may(authz.KeysManageOwn) {
		tabs = append(tabs, tab{Label: "Yours", Href: v.link("keys", "user", own), Current: state == keys.Live && user == own})
	}
	return append(tabs, revoked)
}

// holder is whom all keys of the page are of: they may have none.
func (d Dashboard) holder(v visit, userID string) (person, error) {
	found, err := d.Members.Read.Several(v.r.Context(), v.actor(), []string{userID})
	m := found[userID]
	return newHolder(m.Name, m.Email), err
}

// newHolder is a holder, who has an address while they are a member.
func newHolder(name, email string) person {
	if email == "" {
		return person{Display: "No longer a member", Initial: "–"}
	}
	return newPerson(name, email)
}

func (v visit) keyRow(k keys.Held, budget budgetBox) keyRow {
	row := keyRow{
		Name: k.Name, Masked: k.Start + "…" + k.End, Holder: newHolder(k.HolderName, k.HolderEmail),
		Status: v.keyStatus(k), Scopes: scopeWords(k.Scopes), Limits: limitWords(k), Created: date(k.CreatedAt),
		LastUsed: lastUsed(k.LastUsed), Budget: budget,
	}
	row.Holder.You = k.UserID == v.actor().UserID
	row.Menu = menu{{"See what it spent", v.link("spend", "key", k.ID)}}
	if k.RevokedAt.IsZero() {
		row.Menu = append(row.Menu, budget.actions()...)
	}
	if !v.mayChange(k) {
		return row
	}
	for _, a := range []action{{"Rotate", "rotate"}, {"Change limits", "edit"}, {"Revoke", "revoke"}} {
		row.Menu = append(row.Menu, action{a.Label, v.link("keys", "do", a.Href, "id", k.ID)})
	}
	return row
}

// lastUsed writes the day of a key's last request, which is a day of UTC everywhere.
func lastUsed(day time.Time) string {
	if day.IsZero() {
		return "Not lately"
	}
	return day.Format("2 Jan 2006")
}

// mayChange reports whether changing the key is offered.
func (v visit) mayChange(k keys.Held) bool {
	thing := authz.Thing{OrgID: k.OrgID, OwnerID: k.UserID}
	return k.RevokedAt.IsZero() && authz.Check(v.actor(), authz.KeysManageOwn, thing) == nil &&
		(k.Role == "" || k.Role.Rank() >= v.actor().Role.Rank())
}

func (v visit) keyStatus(k keys.Held) badge {
	switch {
	case !k.RevokedAt.IsZero():
		return badge{"Revoked", "plain"}
	case k.Expired(v.now):
		return badge{"Expired", "warn"}
	case v.now.Before(k.PreviousUntil):
		return badge{"Old secret ends " + in(k.PreviousUntil.Sub(v.now)), "warn"}
	case !k.ExpiresAt.IsZero() && k.ExpiresAt.Sub(v.now) < 7*24*time.Hour:
		return badge{"Ends " + in(k.ExpiresAt.Sub(v.now)), "warn"}
	default:
		return badge{"Live", "good"}
	}
}

// scopeNames are the scopes in words.
var scopeNames = map[keys.Scope]string{keys.Inference: "Models", keys.Manage: "API"}

func scopeWords(scopes []keys.Scope) string {
	var words []string
	for _, s := range scopes {
		words = append(words, scopeNames[s])
	}
	return strings.Join(words, ", ")
}

// limitWords are what bounds the key, one thing each.
func limitWords(k keys.Held) []string {
	const named = 3
	var words []string
	if n := len(k.Models); n > named {
		words = append(words, fmt.Sprintf("%s and %d more", strings.Join(k.Models[:named], ", "), n-named))
	} else if n > 0 {
		words = append(words, strings.Join(k.Models, ", "))
	}
	if k.RequestsPerMinute > 0 {
		words = append(words, fmt.Sprintf("%d a minute", k.RequestsPerMinute))
	}
	if !k.ExpiresAt.IsZero() {
		words = append(words, "until "+k.ExpiresAt.UTC().Format("2 Jan 2006"))
	}
	return words
}
