package model

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// tellers is how many stories are told at once, each in a table of its own: enough for the
// program and the engines to be busy.
const tellers = 8

// Stories have at least shortest steps, and more by about stretch.
const (
	shortest = 50
	stretch  = 1
)

func TestMain(m *testing.M) {
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // lost answers are logged as what they are
	debug.SetGCPercent(1000)                                        // what a story leaves is small, and there are many
	preset("test.parallel", strconv.Itoa(tellers))
	preset("rapid.checks", strconv.Itoa(prove.Times(40, 10_000)/tellers))
	preset("rapid.steps", strconv.Itoa(stretch))
	preset("rapid.nofailfile", "true")
	apitest.MainOn(m, prove.Times(1, 2))
}

// preset gives a flag another default.
func preset(name, value string) {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if given {
		return
	}
	if err := flag.Set(name, value); err != nil {
		panic(err)
	}
}

// The program and the model go through the same random stories, and agree in all they can
// be asked. A failure prints the shortest story that was found, and the seed of the first.
func TestModel(t *testing.T) {
	var stories, steps atomic.Int64
	t.Run("stories", func(t *testing.T) {
		for n := range tellers {
			t.Run(fmt.Sprint(n), func(t *testing.T) {
				t.Parallel()
				prepaid := n%2 == 1
				limits := invites.Limits{NewOrgPerDay: invitesPerOrg, OrgPerDay: invitesPerOrg, ToPerDay: invitesTo}
				world := apitest.Alone(t, apitest.WithLimits(limits), func(s *wiring.Settings) { s.Prepaid = prepaid })
				rapid.Check(t, func(t *rapid.T) {
					s := begin(t, world)
					s.prepaid = prepaid
					s.go_()
					stories.Add(1)
					steps.Add(int64(s.steps))
				})
			})
		}
	})
	prove.Count(t, int(stories.Load()), "sequences of the model")
	prove.Count(t, int(steps.Load()), "steps of the model")
}

// dawn is when all stories begin: in the evening of a day late in a month, so far ahead that
// no engine takes what they write for expired.
var dawn = time.Date(2036, 10, 30, 22, 0, 0, 0, time.UTC)

// A plot is what happens in some stories and not in all, for the sake of their time: half of
// the engine's goes into its own description of the table, index by index, for each item.
// What is left to some stories is done the more often there.
type plot struct {
	swept    bool // asks byDue
	listKeys bool // and who may not see all asks byUser for their own
	probed   bool // it ends with a try of every credential and every foreign id: as long again as the story
}

func (s *story) plots() plot {
	return plot{
		swept:    s.draw("swept", seldom) == 0,
		listKeys: s.draw("keys are listed", 4) == 0,
		probed:   s.draw("probed", 25) == 0,
	}
}

// seldom is how few stories are swept: one in so many, and there so many times as often.
const seldom = 3

func (p plot) indexes() []string {
	names := []string{"byKind"} // who is told of what was spent, and lists that are filtered
	if p.swept {
		names = append(names, "byDue")
	}
	if p.listKeys {
		names = append(names, "byUser")
	}
	if p.probed { // with ids of teams and of things on record, too
		names = append(names, "byTeam", "byTarget")
	}
	return names
}

func begin(t *rapid.T, world *apitest.World) *story {
	world.Wire.Break(nil) // a story that failed may have left it broken
	s := &story{
		state: &state{now: dawn, mails: map[string]int{}, suppressed: map[string]bool{}},
		t:     t, world: world, names: map[string]string{},
	}
	s.plot = s.plots()
	world.FreshTable(s.indexes()...)
	s.gateway = &credential{name: "the gateway", secret: world.Gateway().Token}
	s.view = world.View()
	return s
}

// go_ tells the story: two orgs are founded, and perhaps some people join and have keys;
// then anything happens. A step that turns out to be impossible before it has touched anything is none.
func (s *story) go_() {
	for i, name := range []string{"Acme", "Bolt"} {
		s.once(func() { s.askOf(people[i], name) })
		s.once(func() { s.found(s.links[len(s.links)-1]) })
	}
	for n := range s.draw("how many join", 4) {
		s.once(func() { s.inviteAs(s.credentials[0], people[2+n], pick(s, "role", roles[1:])) })
		if all := s.orgs[0].invitations; len(all) > 0 {
			s.once(func() { s.acceptWith(all[len(all)-1].good) })
		}
	}
	for range s.draw("how many keys", 4) {
		s.once(s.createKey)
	}
	step := map[string]func(*rapid.T){
		"step": func(*rapid.T) {
			before, exact := s.now, s.exact
			s.tick()
			if !possibly(s.anything) && !s.touched {
				s.now, s.exact = before, exact
				s.t.Skip()
			}
			s.check()
			s.steps++
		},
	}
	for s.steps < shortest {
		s.t.Repeat(step)
	}
	s.conclude()
}

// once is a step that is tried once.
func (s *story) once(do func()) {
	s.tick()
	s.within = true
	do()
	s.check()
	s.steps++
}

// deeds are what can happen, each as often as it shall happen.
var deeds []func(*story)

func init() {
	deeds = slices.Concat(
		often(6, (*story).invite), often(8, (*story).accept), often(2, (*story).inviteMany),
		often(2, (*story).resend), often(2, (*story).revoke), often(1, (*story).decline), often(1, (*story).preview), often(1, (*story).readInvitation),
		often(1, (*story).feedback), often(1, (*story).look), often(1, (*story).rename),
		often(5, (*story).changeRole), often(2, (*story).removeMember), often(1, (*story).leave), often(2, (*story).transfer),
		often(1, (*story).askForOrg), often(1, (*story).askToSignIn), often(5, (*story).signIn), often(1, (*story).follow),
		often(1, (*story).signOut), often(1, (*story).signOutEverywhere),
		often(2, (*story).createTeam), often(1, (*story).renameTeam), often(2, (*story).deleteTeam), often(1, (*story).updateOrg), often(1, (*story).deleteOrg),
		often(6, (*story).createKey), often(1, (*story).readKey), often(1, (*story).editKey), often(5, (*story).rotateKey), often(1, (*story).revokeKey),
		often(6, (*story).verify), often(7, (*story).reportSpend), often(1, (*story).readSpend),
		often(2, (*story).addCredits), often(1, (*story).readBilling),
		often(3, (*story).readList),
		often(4, (*story).setBudget), often(1, (*story).readBudget), often(1, (*story).deleteBudget),
		often(1, (*story).wait), often(12, (*story).edge), often(seldom, (*story).sweep), often(2, (*story).again),
	)
}

func often(n int, do func(*story)) []func(*story) { return slices.Repeat([]func(*story){do}, n) }

// anything chooses what happens next.
func (s *story) anything() { pick(s, "what", deeds)(s) }
