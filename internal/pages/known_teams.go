package pages

import (
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

// teams reads the first teams, and those of the ids that are not among them.
func (d Dashboard) teams(v visit, ids []string) (knownTeams, error) {
	found, err := d.Orgs.ReadTeams.List(v.r.Context(), v.actor(), first)
	if err != nil {
		return knownTeams{}, err
	}
	k := knownTeams{first: found.Data, byID: map[string]teams.Team{}, all: found.Next == ""}
	for _, t := range found.Data {
		k.byID[t.ID] = t
	}
	var missing []string
	for _, id := range ids {
		if _, ok := k.byID[id]; !ok && id != "" && !k.all {
			missing = append(missing, id)
		}
	}
	others, err := d.Orgs.ReadTeams.Several(v.r.Context(), v.actor(), missing)
	for id, t := range others {
		k.byID[id] = t
	}
	return k, err
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
