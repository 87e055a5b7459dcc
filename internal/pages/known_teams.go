package pages

import (
	"fmt"
	"maps"
	"strconv"

	"github.com/nemorouter/nemo-team/internal/teams"
)

// knownTeams are the org's first teams and whatever others a page names: an org may have a
// thousand, and a page names few.
type knownTeams struct {
	first []teams.Team
	byID  map[string]teams.Team
	all   bool // there are no others
}

// firstTeams reads the first teams.
func (d Dashboard) firstTeams(v visit) (knownTeams, error) {
	found, err := d.Orgs.ReadTeams.List(v.r.Context(), v.actor(), first)
	k := knownTeams{first: found.Data, byID: map[string]teams.Team{}, all: found.Next == ""}
	for _, t := range found.Data {
		k.byID[t.ID] = t
	}
	return k, err
}

// learn reads those teams of the ids that are not known.
func (d Dashboard) learn(v visit, k knownTeams, ids []string) error {
	var missing []string
	for _, id := range ids {
		if _, ok := k.byID[id]; !ok && id != "" && !k.all {
			missing = append(missing, id)
		}
	}
	others, err := d.Orgs.ReadTeams.Several(v.r.Context(), v.actor(), missing)
	maps.Copy(k.byID, others)
	return err
}

func (k knownTeams) name(id string) string { return k.byID[id].Name }

// options are the answers of a filter or a form. The chosen one is among them, if it is.
func (k knownTeams) options(chosen string) []option {
	options := []option{{Label: "Any team", Chosen: chosen == ""}}
	shown := chosen == ""
	for _, t := range k.first {
		options = append(options, option{Value: t.ID, Label: t.Name, Chosen: t.ID == chosen})
		shown = shown || t.ID == chosen
	}
	if t, ok := k.byID[chosen]; ok && !shown {
		options = append(options, option{Value: t.ID, Label: t.Name, Chosen: true})
	}
	return options
}

// other is the field for the name of a team that no list of options has, if there is such a team.
func (k knownTeams) other(id string) *field {
	if k.all {
		return nil
	}
	return &field{ID: id, Name: "team_name", Label: "Or another team", Type: "text",
		Hint: fmt.Sprintf("The list of teams has the first %d. Others are found by their names.", len(k.first))}
}

// members are how many there are, if that is known.
func (k knownTeams) members() (n int, known bool) {
	for _, t := range k.first {
		n += t.Members
	}
	return n, k.all
}

// counts are how many members and open invitations there are, if that is known.
func (k knownTeams) counts() (members, invitations string) {
	if !k.all {
		return "", ""
	}
	var seated, pending int
	for _, t := range k.first {
		seated, pending = seated+t.Members, pending+t.Pending
	}
	return strconv.Itoa(seated), strconv.Itoa(pending)
}
