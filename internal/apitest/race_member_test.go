package apitest_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// The ownership moves while others pull at it. Wherever it ends, there is one owner, and
// only one transfer said that it succeeded.
func TestRace_transfer(t *testing.T) {
	transfer := func(from, to *apitest.Person) call {
		return as(from, "POST", "/v1/org/transfer", apitest.Map{"user_id": to.ID})
	}
	for name, rivals := range map[string]func(ada, bob, cyd *apitest.Person) []call{
		"transfer to another": func(ada, bob, cyd *apitest.Person) []call { return []call{transfer(ada, cyd)} },
		"removal of the target": func(ada, bob, cyd *apitest.Person) []call {
			return []call{as(cyd, "DELETE", "/v1/members/"+bob.ID, nil)}
		},
		"leave of the target": func(ada, bob, cyd *apitest.Person) []call {
			return []call{as(bob, "POST", "/v1/members/me/leave", nil)}
		},
		"demotion of the target": func(ada, bob, cyd *apitest.Person) []call {
			return []call{as(cyd, "PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": "viewer"})}
		},
		"removal of the old owner": func(ada, bob, cyd *apitest.Person) []call {
			return []call{as(cyd, "DELETE", "/v1/members/"+ada.ID, nil)}
		},
	} {
		t.Run("against "+name, func(t *testing.T) {
			w := apitest.Alone(t)
			ada := w.SignUp("Acme")
			bob, cyd := ada.Hire("admin"), ada.Hire("admin")
			calls := apitest.Times(crowd/2, transfer(ada, bob))
			for _, rival := range rivals(ada, bob, cyd) {
				calls = append(calls, apitest.Times(crowd/2, rival)...)
			}
			replies := apitest.Race(calls...)
			wantOnly(t, replies, "200", "204", "401 unauthorized", "403 forbidden", "404 not_found", "409 owner_protected", "409 changed_meanwhile")
			transfers := apitest.Tally(replies[:crowd/2])["200"]
			if name == "transfer to another" {
				transfers += apitest.Tally(replies[crowd/2:])["200"]
				if transfers != 1 {
					t.Errorf("%d transfers succeeded", transfers)
				}
			}
			wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], transfers, "org.ownership_transferred")
		})
	}
}

// Two admins demote, or remove, each other at the same moment: one of them.
func TestRace_mutualDemotion(t *testing.T) {
	for name, strike := range map[string]func(by, of *apitest.Person) call{
		"demotion": func(by, of *apitest.Person) call {
			return as(by, "PATCH", "/v1/members/"+of.ID, apitest.Map{"role": "member"})
		},
		"removal": func(by, of *apitest.Person) call { return as(by, "DELETE", "/v1/members/"+of.ID, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			ada := w.SignUp("Acme")
			var calls []call
			for range crowd / 8 {
				bob, cyd := ada.Hire("admin"), ada.Hire("admin")
				calls = append(calls, strike(bob, cyd), strike(cyd, bob))
			}
			replies := apitest.Race(calls...)
			for i := 0; i < len(replies); i += 2 {
				pair := wantOnly(t, replies[i:i+2], "200", "204", "401 unauthorized", "403 forbidden")
				if pair["200"]+pair["204"] != 1 {
					t.Errorf("a pair got %v", pair)
				}
			}
			w.CheckInvariants()
		})
	}
}

// A role changes while its holder is removed, and nothing of the membership is left behind.
func TestRace_roleChangeAgainstRemoval(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	bob := ada.Hire("member")
	bob.WithKey("inference")
	var calls []call
	for i := range crowd / 2 {
		role := []string{"admin", "member", "viewer"}[i%3]
		calls = append(calls, as(ada, "PATCH", "/v1/members/"+bob.ID, apitest.Map{"role": role}))
	}
	calls = append(calls, apitest.Times(crowd/2, as(ada, "DELETE", "/v1/members/"+bob.ID, nil))...)
	replies := apitest.Race(calls...)
	wantOnly(t, replies[:crowd/2], "200", "404 not_found", "409 changed_meanwhile")
	removals := wantOnly(t, replies[crowd/2:], "204", "404 not_found", "409 changed_meanwhile")
	if removals["204"] != 1 {
		t.Errorf("removed %d times", removals["204"])
	}
	wantEntries(t, w.CheckInvariants().Orgs[ada.OrgID], 1, "member.removed", bob.ID)
}

// Nobody gets a 41st key.
func TestRace_keyLimit(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	replies := apitest.Race(apitest.Times(crowd, as(ada, "POST", "/v1/keys", apitest.Map{"name": "a key"}))...)
	tally := wantOnly(t, replies, "201", "409 key_limit_reached")
	if tally["201"] != 40 {
		t.Errorf("%d keys were made", tally["201"])
	}
	if live := len(w.CheckInvariants().Orgs[ada.OrgID].Keys); live != 40 {
		t.Errorf("%d keys are live", live)
	}
}

// Keys are made while their holder is removed: none that was handed out works afterwards.
func TestRace_keysAgainstRemoval(t *testing.T) {
	w := apitest.Alone(t)
	ada := w.SignUp("Acme")
	bob := ada.Hire("admin")
	calls := apitest.Times(20, as(bob, "POST", "/v1/keys", apitest.Map{"name": "own", "scopes": []string{"manage"}}))
	calls = append(calls, apitest.Times(20, as(ada, "POST", "/v1/keys", apitest.Map{"name": "given", "scopes": []string{"manage"}, "user_id": bob.ID}))...)
	calls = append(calls, as(ada, "DELETE", "/v1/members/"+bob.ID, nil))
	replies := apitest.Race(calls...)
	wantOnly(t, replies, "201", "204", "401 unauthorized", "403 forbidden", "404 not_found", "409 changed_meanwhile")
	if last := replies[len(replies)-1]; last.Status == 409 { // the keys kept changing under it: it says so
		ada.Do("DELETE", "/v1/members/"+bob.ID, nil).Want(204)
	}
	for _, r := range replies {
		if key := r.Get("key"); key != "" {
			(&apitest.Person{World: w, Token: key}).Do("GET", "/v1/me", nil).WantProblem(401, "unauthorized")
		}
	}
	w.CheckInvariants()
}

// From the moment that the end of a membership is acknowledged, no request with any of its
// credentials succeeds, however many are under way.
func TestRace_nothingAfterTheEnd(t *testing.T) {
	for name, end := range map[string]func(ada, bob *apitest.Person) call{
		"removal": func(ada, bob *apitest.Person) call { return as(ada, "DELETE", "/v1/members/"+bob.ID, nil) },
		"leave":   func(_, bob *apitest.Person) call { return as(bob, "POST", "/v1/members/me/leave", nil) },
		"deletion of the org": func(ada, _ *apitest.Person) call {
			return as(ada, "DELETE", "/v1/org", apitest.Map{"confirm": ada.Do("GET", "/v1/org", nil).Get("slug")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			ada := w.SignUp("Acme")
			bob := ada.Hire("admin")
			byKey, _ := bob.WithKey("manage")
			hammerWhile(t, []*apitest.Person{bob, bob.SignIn(), byKey}, end(ada, bob))
		})
	}
}

// hammerWhile lets 50 requests at a time come in with the credentials while they end.
func hammerWhile(t *testing.T, with []*apitest.Person, end call) {
	t.Helper()
	const hammers = 50
	var ended atomic.Bool
	var before, after atomic.Int64
	var wg sync.WaitGroup
	for i := range hammers {
		who := with[i%len(with)]
		wg.Go(func() {
			for refused := 0; refused < 3; {
				late := ended.Load() // read before the request begins
				switch r := who.Do("GET", "/v1/me", nil); {
				case r.Status == 200 && late:
					after.Add(1)
					return
				case r.Status == 200:
					before.Add(1)
				case r.Status != 401:
					t.Errorf("got %d: %s", r.Status, r.Body)
					return
				case late:
					refused++
				}
			}
		})
	}
	for before.Load() < hammers { // until all are at it
		time.Sleep(time.Millisecond)
	}
	answer := end()
	ended.Store(true)
	wg.Wait()
	answer.Want(204)
	if after.Load() > 0 {
		t.Errorf("%d requests succeeded after the acknowledgement", after.Load())
	}
}

// Slugs are unique while many want the same one.
func TestRace_slug(t *testing.T) {
	w := apitest.Alone(t)
	var calls []call
	for i := range 16 {
		owner := w.SignUp(fmt.Sprintf("Org number %d", i))
		calls = append(calls, apitest.Times(4, as(owner, "PATCH", "/v1/org", apitest.Map{"slug": "the-one"}))...)
	}
	replies := apitest.Race(calls...)
	// The winner's own repetitions find that they have it, or lost to themselves.
	tally := wantOnly(t, replies, "200", "409 slug_taken", "409 changed_meanwhile")
	if tally["200"] < 1 || tally["200"] > 4 {
		t.Errorf("got %v", tally)
	}
	won, books := 0, w.CheckInvariants()
	for _, o := range books.Orgs {
		won += o.Entries("org.updated")
	}
	if won != 1 || books.Slugs["the-one"] == nil {
		t.Errorf("%d orgs took the slug", won)
	}
}

// Many found orgs of the same name at once: each gets a slug of its own.
func TestRace_sameNameAtSignUp(t *testing.T) {
	w := apitest.Alone(t)
	var calls []call
	for i := range crowd / 2 {
		email := apitest.Address("ada")
		w.Stranger().Do("POST", "/v1/signup", apitest.Map{"email": email, "org_name": "Acme"}, "X-Remote-Addr", fmt.Sprintf("198.51.100.%d:1", i)).Want(202)
		calls = append(calls, post(w, "/v1/signup/confirm", email))
	}
	wantOnly(t, apitest.Race(calls...), "201")
	if slugs := w.CheckInvariants().Slugs; len(slugs) != crowd/2 {
		t.Errorf("%d slugs for %d orgs", len(slugs), crowd/2)
	}
}

// Whoever is demoted between being let in and the write changes neither teams nor the org.
func TestRace_demotedBeforeTheWrite(t *testing.T) {
	for name, change := range map[string]func(admin *apitest.Person, team string) *apitest.Reply{
		"create a team": func(admin *apitest.Person, _ string) *apitest.Reply {
			return admin.Do("POST", "/v1/teams", apitest.Map{"name": "Late"})
		},
		"rename a team": func(admin *apitest.Person, team string) *apitest.Reply {
			return admin.Do("PATCH", "/v1/teams/"+team, apitest.Map{"name": "Late"})
		},
		"delete a team": func(admin *apitest.Person, team string) *apitest.Reply {
			return admin.Do("DELETE", "/v1/teams/"+team, nil)
		},
		"rename the org": func(admin *apitest.Person, _ string) *apitest.Reply {
			return admin.Do("PATCH", "/v1/org", apitest.Map{"name": "Late"})
		},
		"move the org": func(admin *apitest.Person, _ string) *apitest.Reply {
			return admin.Do("PATCH", "/v1/org", apitest.Map{"slug": "late-" + admin.OrgID[24:]})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			org := w.Cast()
			team := org.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
			before := org.Owner.Do("GET", "/v1/org", nil).Want(200).Body
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
				org.Owner.Do("PATCH", "/v1/members/"+org.Admin.ID, apitest.Map{"role": "member"}).Want(200)
			}))
			change(org.Admin, team).WantProblem(403, "forbidden")
			mend()
			if after := org.Owner.Do("GET", "/v1/org", nil).Want(200).Body; string(after) != string(before) {
				t.Errorf("the org is now %s", after)
			}
			if names := apitest.Column(org.Owner.List("/v1/teams"), "name"); !slices.Equal(names, []string{"Default", "Research"}) {
				t.Errorf("the teams are now %q", names)
			}
		})
	}
}

// Two renames at the same moment: the second rests on a name that is no longer there, so it
// is told so, and the record tells of one change.
func TestRace_rename(t *testing.T) {
	w := apitest.New(t)
	ada := w.SignUp("Acme")
	for path, action := range map[string]string{"/v1/teams/" + ada.TeamID: "team.updated", "/v1/me": "member.updated"} {
		for round, name := range []string{"Red", "Blue"} { // the first finds no name of ada's
			rename := func() *apitest.Reply { return ada.Do("PATCH", path, apitest.Map{"name": name}) }
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { rename().Want(200) }))
			rename().WantProblem(409, "changed_meanwhile")
			mend()
			if n := ada.Recorded(action); n != round+1 {
				t.Errorf("%d entries tell of %d changes of %s", n, round+1, path)
			}
		}
	}
}
