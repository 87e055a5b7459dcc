package pages

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/ident"
)

// change is one value that an entry tells of, before and after.
type change struct{ Name, Before, After string }

// idNames are the names of what an entry's ids stand for.
type idNames map[string]string

// changes lists an entry's values by name. What did not change is left out, and so is an id
// whose name stands beside it.
func (k idNames) changes(e audit.Entry) []change {
	var list []change
	names := slices.Concat(slices.Collect(maps.Keys(e.Before)), slices.Collect(maps.Keys(e.After)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		before, after := k.words(e.Before[name]), k.words(e.After[name])
		if before != after && name != "owner_id" {
			list = append(list, change{valueNames.Replace(name), before, after})
		}
	}
	return list
}

// valueNames says what values are, as people do.
var valueNames = strings.NewReplacer("user_id", "member", "team_id", "team", "expires_at", "expires",
	"previous_until", "old secret works until", "credit_usd", "credit in $", "_", " ")

// words writes a value as people do; what is not there is "".
func (k idNames) words(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return minute(t).Human
		}
		return or(k[v], v)
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = k.words(v[i])
		}
		return strings.Join(words, ", ")
	case map[string]any:
		b, _ := json.Marshal(v) // it came from the table, so it has a form
		return string(b)
	default:
		return fmt.Sprint(v)
	}
}

// actionWords turns "member.role_changed" into "Member role changed".
func actionWords(a audit.Action) string {
	return sentence(strings.NewReplacer(".", " ", "_", " ").Replace(string(a)))
}

// names reads the names of the members and teams that the entries tell of, in two round
// trips. Those that are gone stay ids.
func (d Dashboard) names(v visit, entries []audit.Entry) (idNames, error) {
	var users, teams []string
	for _, e := range entries {
		for _, values := range []map[string]any{e.Before, e.After} {
			users, teams = appendID(users, values["user_id"]), appendID(teams, values["team_id"])
		}
	}
	k := idNames{}
	members, err := d.Members.Read.Several(v.r.Context(), v.actor(), users)
	if err != nil {
		return nil, err
	}
	for id, m := range members {
		k[id] = m.Display()
	}
	named, err := d.Orgs.ReadTeams.Several(v.r.Context(), v.actor(), teams)
	for id, t := range named {
		k[id] = t.Name
	}
	return k, err
}

func appendID(ids []string, value any) []string {
	if id, ok := value.(string); ok && ident.Valid(id) {
		return append(ids, id)
	}
	return ids
}
