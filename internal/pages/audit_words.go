package pages

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/money"
)

// actionWords are what was done, in words.
var actionWords = map[audit.Action]string{
	audit.OrgCreated: "Organization created", audit.OrgUpdated: "Organization changed", audit.OrgOwnershipTransferred: "Ownership transferred",
	audit.OrgDeleted: "Organization deleted", audit.OrgPurged: "Organization’s data erased",
	audit.TeamCreated: "Team created", audit.TeamUpdated: "Team renamed", audit.TeamDeleted: "Team deleted",
	audit.MemberUpdated: "Name changed", audit.MemberRoleChanged: "Role changed", audit.MemberRemoved: "Member removed", audit.MemberLeft: "Member left",
	audit.InvitationCreated: "Invitation sent", audit.InvitationResent: "Invitation sent again", audit.InvitationRevoked: "Invitation withdrawn",
	audit.InvitationAccepted: "Invitation accepted", audit.InvitationDeclined: "Invitation declined", audit.InvitationExpired: "Invitation expired",
	audit.SessionCreated: "Signed in", audit.SessionEnded: "Signed out", audit.SessionsEnded: "Signed out everywhere",
	audit.KeyCreated: "Key created", audit.KeyUpdated: "Key changed", audit.KeyRotated: "Key rotated", audit.KeyRevoked: "Key revoked",
	audit.BudgetSet: "Budget set", audit.BudgetDeleted: "Budget removed", audit.CreditsAdded: "Credits added",
}

// wordsOf are an action's words. One that is made up by an address stays as it is.
func wordsOf(a audit.Action) string { return or(actionWords[a], string(a)) }

// change is one value that an entry tells of, before and after.
type change struct {
	Name          string
	Before, After said
}

// said is a value as people write it: a text, or a time that shows in the reader's zone.
// There is neither of what is not there.
type said struct {
	Text string
	Time moment
}

// Is reports whether there is a value.
func (s said) Is() bool { return s != said{} }

// changes lists an entry's values by name. What did not change is left out, and so is an id
// whose name stands beside it.
func (l spendLabels) changes(e audit.Entry) []change {
	var list []change
	names := map[string]any{}
	maps.Copy(names, e.Before)
	maps.Copy(names, e.After)
	for name := range names {
		before, after := l.say(name, e.Before, e.At), l.say(name, e.After, e.At)
		if before != after && name != "owner_id" {
			list = append(list, change{or(valueNames[name], strings.ReplaceAll(name, "_", " ")), before, after})
		}
	}
	slices.SortFunc(list, func(a, b change) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// valueNames say what values are, where their own names do not.
var valueNames = map[string]string{
	"user_id": "member", "team_id": "team", "expires_at": "expires", "previous_until": "old secret works until",
	"credit_usd": "credit", "limit_usd": "limit", "amount_usd": "amount", "alerts": "mails at", "reason": "because",
	"scopes": "for", "requests_per_minute": "rate",
}

// say writes one of an entry's values, by its name.
func (l spendLabels) say(name string, in map[string]any, at time.Time) said {
	v, is := in[name]
	if !is {
		return said{}
	}
	switch name {
	case "limit_usd", "credit_usd", "amount_usd":
		return said{Text: dollars(v)}
	case "period":
		return said{Text: or(perPeriod[budgets.Period(fmt.Sprint(v))], fmt.Sprint(v))}
	case "alerts":
		return said{Text: or(strings.Join(texts(v, func(s string) string { return s + "%" }), ", "), "no percentage")}
	case "models":
		return said{Text: or(strings.Join(texts(v, nil), ", "), "any")}
	case "scopes":
		return said{Text: strings.Join(texts(v, func(s string) string { return or(scopeNames[keys.Scope(s)], s) }), ", ")}
	case "requests_per_minute":
		if n, _ := v.(float64); n > 0 {
			return said{Text: thousands(int64(n)) + " a minute"}
		}
		return said{Text: "no limit"}
	case "reason":
		return said{Text: strings.ToLower(wordsOf(audit.Action(fmt.Sprint(v))))}
	case "team_id":
		return said{Text: calledAfter(l[teamRef(fmt.Sprint(v))].Name, "", fmt.Sprint(v)).Label}
	case "user_id":
		m := l[memberRef(fmt.Sprint(v))]
		return said{Text: calledAfter(m.Name, m.Email, fmt.Sprint(v)).Label}
	case "previous_until":
		if until, err := time.Parse(time.RFC3339, fmt.Sprint(v)); err == nil && !until.After(at) {
			return said{Text: "now"}
		}
	}
	return plainly(v)
}

// dollars writes a sum that an entry holds as text.
func dollars(v any) string {
	if sum, err := money.Parse(fmt.Sprint(v)); err == nil {
		return usd(sum)
	}
	return fmt.Sprint(v)
}

// texts are the texts of a list, each as said by as.
func texts(v any, as func(string) string) (list []string) {
	all, _ := v.([]any)
	for _, one := range all {
		text := fmt.Sprint(one)
		if as != nil {
			text = as(text)
		}
		list = append(list, text)
	}
	return list
}

// plainly writes a value whose name says nothing of how.
func plainly(v any) said {
	switch v := v.(type) {
	case nil:
		return said{}
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return said{Time: minute(t)}
		}
		return said{Text: v}
	case float64:
		return said{Text: strconv.FormatFloat(v, 'f', -1, 64)}
	case []any:
		return said{Text: strings.Join(texts(v, nil), ", ")}
	case map[string]any:
		b, _ := json.Marshal(v) // it came from the table, so it has a form
		return said{Text: string(b)}
	default:
		return said{Text: fmt.Sprint(v)}
	}
}
