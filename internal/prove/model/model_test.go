package model

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/prove"
)

// tellers is how many stories are told at once, each in a table of its own.
const tellers = 4

// averageSteps is how long stories are on average.
const averageSteps = 55

func TestMain(m *testing.M) {
	flag.Parse()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil))) // lost answers are logged as what they are
	preset("rapid.checks", strconv.Itoa(prove.Times(60, 3_000)/tellers))
	preset("rapid.steps", strconv.Itoa(averageSteps))
	preset("rapid.nofailfile", "true")
	apitest.Main(m)
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
				world := apitest.Alone(t, apitest.WithLimits(invites.Limits{NewOrgPerDay: invitesPerOrg, OrgPerDay: invitesPerOrg, ToPerDay: invitesTo}))
				gateway := world.Gateway().Token
				rapid.Check(t, func(t *rapid.T) {
					s := begin(t, world, gateway)
					defer s.view.Clear()
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

func begin(t *rapid.T, world *apitest.World, gateway string) *story {
	world.Forget()
	return &story{
		state: &state{now: dawn, mails: map[string]int{}},
		t:     t, world: world, view: world.View(), names: map[string]string{},
		gateway: &credential{name: "the gateway", secret: gateway},
	}
}

// go_ tells the story: two orgs are founded, then anything happens.
func (s *story) go_() {
	s.tick()
	s.within = true // so that these steps are tried once
	for i, name := range []string{"Acme", "Bolt"} {
		s.askOf(people[i], name)
		s.found(s.links[len(s.links)-1])
	}
	s.check()
	s.t.Repeat(map[string]func(*rapid.T){
		"step": func(*rapid.T) {
			s.tick()
			s.anything()()
			s.check()
		},
	})
	s.probe()
}

// anything chooses what happens next; what is listed twice happens twice as often.
func (s *story) anything() func() {
	return pick(s, "what", []func(){
		s.look, s.invite, s.accept, s.invite, s.accept, s.invite, s.accept,
		s.resend, s.revoke, s.decline, s.preview, s.readInvitation,
		s.changeRole, s.changeRole, s.removeMember, s.leave, s.transfer, s.rename, s.look,
		s.askForOrg, s.askToSignIn, s.askToSignIn, s.follow, s.follow, s.follow, s.signOut, s.signOutEverywhere,
		s.createTeam, s.renameTeam, s.deleteTeam, s.updateOrg, s.deleteOrg,
		s.createKey, s.createKey, s.createKey, s.readKey, s.editKey, s.rotateKey, s.rotateKey, s.revokeKey,
		s.verify, s.verify, s.verify, s.reportSpend, s.reportSpend, s.reportSpend, s.readSpend, s.addCredits, s.readBilling,
		s.setBudget, s.setBudget, s.readBudget, s.deleteBudget,
		s.wait, s.edge, s.edge, s.sweep, s.sweep, s.again,
	})
}
