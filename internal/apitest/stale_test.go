package apitest_test

import (
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	tokens "github.com/nemorouter/nemo-team/internal/gateway"
)

// shop is an org with a key of its member, a team that nobody is in, a budget, and a guest.
type shop struct {
	apitest.Cast
	key, team         string
	guest, invitation string
}

func openShop(t *testing.T, w *apitest.World) shop {
	cast := w.In(t).Cast()
	_, key := cast.Member.NewKey()
	team := cast.Owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	setBudget(cast.Owner, "org", cast.Owner.OrgID, "10", "month")
	guest := email("guest")
	return shop{cast, key, team, guest, cast.Owner.Invite(guest, "viewer")}
}

func (s shop) budget() string                       { return "/v1/budgets/org/" + s.Owner.OrgID }
func (s shop) slug() string                         { return s.Owner.Do("GET", "/v1/org", nil).Want(200).Get("slug") }
func (s shop) demoteAdmin()                         { s.patch(s.Owner, "/v1/members/"+s.Admin.ID, "role", "viewer") }
func (s shop) transfer(to *apitest.Person)          { s.transferFrom(s.Owner, to).Want(200) }
func (s shop) setLimit(by *apitest.Person, usd any) { s.terms(by, usd, "month").Want(200) }

// guestsLink is in the mail to the one who is invited.
func (s shop) guestsLink() string { return s.Owner.Mail.Token(s.guest) }

func (s shop) resend() { s.Owner.Do("POST", "/v1/invitations/"+s.invitation+"/resend", nil).Want(200) }

func (s shop) patch(by *apitest.Person, path, field, value string) *apitest.Reply {
	return by.Do("PATCH", path, apitest.Map{field: value})
}

func (s shop) transferFrom(from, to *apitest.Person) *apitest.Reply {
	return from.Do("POST", "/v1/org/transfer", apitest.Map{"user_id": to.ID})
}

func (s shop) terms(by *apitest.Person, usd any, period string) *apitest.Reply {
	return by.Do("PUT", s.budget(), apitest.Map{"limit_usd": usd, "period": period})
}

// deleteOrg ends the org, and gives it a name that tells it from others.
func (s shop) deleteOrg() {
	s.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": s.slug()}).Want(204)
}

// What was read is not written over what came in between: the operation is refused, or
// looks again, and its record tells what was there.
func TestStale(t *testing.T) {
	for name, c := range map[string]struct {
		call      func(s shop) *apitest.Reply
		meanwhile func(s shop)
		want      string // status and code
	}{
		"budget, by who is demoted": {
			func(s shop) *apitest.Reply { return s.terms(s.Admin, 20, "month") }, shop.demoteAdmin, "403 forbidden",
		},
		"budget of another period, by who is demoted": {
			func(s shop) *apitest.Reply { return s.terms(s.Admin, 10, "day") }, shop.demoteAdmin, "403 forbidden",
		},
		"first budget, by who is demoted": {
			func(s shop) *apitest.Reply {
				return s.Admin.Do("PUT", "/v1/budgets/team/"+s.team, apitest.Map{"limit_usd": 1, "period": "day"})
			}, shop.demoteAdmin, "403 forbidden",
		},
		"budget away, by who is demoted": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", s.budget(), nil) }, shop.demoteAdmin, "403 forbidden",
		},
		"first budget, in an org that goes": {
			func(s shop) *apitest.Reply {
				return s.Admin.Do("PUT", "/v1/budgets/team/"+s.team, apitest.Map{"limit_usd": 1, "period": "day"})
			}, shop.deleteOrg, "404 not_found",
		},
		"budget away, in an org that goes": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", s.budget(), nil) }, shop.deleteOrg, "404 not_found",
		},
		"budget away, which is another by now": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", s.budget(), nil) },
			func(s shop) {
				s.Owner.Do("DELETE", s.budget(), nil).Want(204)
				s.setLimit(s.Owner, 10)
			}, "409 changed_meanwhile",
		},
		"key away, by who is demoted": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/keys/"+s.key, nil) }, shop.demoteAdmin, "403 forbidden",
		},
		"key away, of who becomes owner": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/keys/"+s.key, nil) },
			func(s shop) { s.transfer(s.Member) }, "403 role_too_high",
		},
		"key's name, of who becomes owner": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/keys/"+s.key, "name", "x") },
			func(s shop) { s.transfer(s.Member) }, "403 role_too_high",
		},
		"key's name, of a key that is revoked": {
			func(s shop) *apitest.Reply { return s.patch(s.Member, "/v1/keys/"+s.key, "name", "x") },
			func(s shop) { s.Member.Do("DELETE", "/v1/keys/"+s.key, nil).Want(204) }, "404 not_found",
		},
		"key, for who leaves and comes again": {
			func(s shop) *apitest.Reply {
				return s.Admin.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": s.Member.ID})
			},
			func(s shop) {
				s.Member.Do("POST", "/v1/members/me/leave", nil).Want(204)
				s.Owner.Invite(s.Member.Email, "member")
				s.Owner.Join(s.Member.Email)
			}, "409 changed_meanwhile",
		},
		"key, for who becomes owner": {
			func(s shop) *apitest.Reply {
				return s.Admin.Do("POST", "/v1/keys", apitest.Map{"name": "x", "user_id": s.Member.ID})
			},
			func(s shop) { s.transfer(s.Member) }, "409 changed_meanwhile",
		},
		"key away, which is revoked": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/keys/"+s.key, nil) },
			func(s shop) { s.Member.Do("DELETE", "/v1/keys/"+s.key, nil).Want(204) }, "404 not_found",
		},
		"member away, who becomes owner": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/members/"+s.Member.ID, nil) },
			func(s shop) { s.transfer(s.Member) }, "409 owner_protected",
		},
		"role of who becomes owner": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/members/"+s.Member.ID, "role", "viewer") },
			func(s shop) { s.transfer(s.Member) }, "409 owner_protected",
		},
		"role away with keys, of who makes another": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/members/"+s.Member.ID, "role", "viewer") },
			func(s shop) { s.Member.NewKey() }, "200 ",
		},
		"declining a link that is resent": {
			func(s shop) *apitest.Reply {
				return s.Owner.Stranger().Do("POST", "/v1/invitations/decline", apitest.Map{"token": s.guestsLink()})
			},
			func(s shop) { s.resend() }, "404 not_found",
		},
		"key away, by who leaves": {
			func(s shop) *apitest.Reply { return s.Member.Do("DELETE", "/v1/keys/"+s.key, nil) },
			func(s shop) { s.Owner.Do("DELETE", "/v1/members/"+s.Member.ID, nil).Want(204) }, "404 not_found",
		},
		"org's name, while its slug changes": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/org", "name", "X") },
			func(s shop) { s.patch(s.Owner, "/v1/org", "slug", "x"+s.key[24:]).Want(200) }, "409 changed_meanwhile",
		},
		"org's slug, while its name changes": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/org", "slug", "y"+s.key[24:]) },
			func(s shop) { s.patch(s.Owner, "/v1/org", "name", "Y").Want(200) }, "409 changed_meanwhile",
		},
		"org's name, while it goes": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/org", "name", "X") }, shop.deleteOrg, "409 changed_meanwhile",
		},
		"org away, under another slug": {
			func(s shop) *apitest.Reply {
				return s.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": s.slug()})
			},
			func(s shop) { s.patch(s.Admin, "/v1/org", "slug", "z"+s.key[24:]).Want(200) }, "409 changed_meanwhile",
		},
		"org away, of another owner": {
			func(s shop) *apitest.Reply {
				return s.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": s.slug()})
			},
			func(s shop) { s.transfer(s.Admin) }, "409 changed_meanwhile",
		},
		"org away, which is gone": {
			func(s shop) *apitest.Reply {
				return s.Owner.Do("DELETE", "/v1/org", apitest.Map{"confirm": s.slug()})
			}, shop.deleteOrg, "409 changed_meanwhile",
		},
		"org to another, while it goes": {
			func(s shop) *apitest.Reply { return s.transferFrom(s.Owner, s.Admin) }, shop.deleteOrg, "409 changed_meanwhile",
		},
		"team's name, of a team that goes": {
			func(s shop) *apitest.Reply { return s.patch(s.Admin, "/v1/teams/"+s.team, "name", "X") },
			func(s shop) { s.Owner.Do("DELETE", "/v1/teams/"+s.team, nil).Want(204) }, "404 not_found",
		},
		"one's name, while one is removed": {
			func(s shop) *apitest.Reply { return s.patch(s.Member, "/v1/me", "name", "Mem Ber") },
			func(s shop) { s.Owner.Do("DELETE", "/v1/members/"+s.Member.ID, nil).Want(204) }, "404 not_found",
		},
		"session away, which has ended": {
			func(s shop) *apitest.Reply { return s.Member.Do("DELETE", "/v1/sessions/current", nil) },
			func(s shop) { s.Member.Do("DELETE", "/v1/sessions/current", nil).Want(204) }, "401 unauthorized",
		},
		"invitation, by who is demoted": {
			func(s shop) *apitest.Reply {
				return s.Admin.Do("POST", "/v1/invitations", apitest.Map{"email": email("late"), "role": "member"})
			}, shop.demoteAdmin, "403 forbidden",
		},
		"invitations of a list, by who is demoted": {
			func(s shop) *apitest.Reply {
				rows := []any{apitest.Map{"email": email("late"), "role": "member"}, apitest.Map{"email": email("late"), "role": "member"}}
				r := s.Admin.Do("POST", "/v1/invitations/bulk", apitest.Map{"invitations": rows})
				r.Row(0).WantProblem(403, "forbidden")
				return r.Row(1)
			}, shop.demoteAdmin, "403 forbidden",
		},
		"invitation away, by who is demoted": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/invitations/"+s.invitation, nil) },
			shop.demoteAdmin, "403 forbidden",
		},
		"invitation away, by who is removed": {
			func(s shop) *apitest.Reply { return s.Admin.Do("DELETE", "/v1/invitations/"+s.invitation, nil) },
			func(s shop) { s.Owner.Do("DELETE", "/v1/members/"+s.Admin.ID, nil).Want(204) }, "403 forbidden",
		},
		"invitation again, by who is demoted": {
			func(s shop) *apitest.Reply { return s.Admin.Do("POST", "/v1/invitations/"+s.invitation+"/resend", nil) },
			shop.demoteAdmin, "403 forbidden",
		},
		"invitation again, of who accepts": {
			func(s shop) *apitest.Reply { return s.Owner.Do("POST", "/v1/invitations/"+s.invitation+"/resend", nil) },
			func(s shop) { s.Owner.Join(s.guest) }, "409 invitation_accepted",
		},
		"removal, by who hands the org over": {
			func(s shop) *apitest.Reply { return s.Owner.Do("DELETE", "/v1/members/"+s.Viewer.ID, nil) },
			func(s shop) { s.transfer(s.Member) }, "409 changed_meanwhile",
		},
		"credits, for an org that goes": {
			func(s shop) *apitest.Reply {
				return s.Owner.Gateway().Do("POST", "/v1/billing/credits", apitest.Map{"org_id": s.Owner.OrgID, "amount_usd": 1})
			}, shop.deleteOrg, "404 not_found",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.Alone(t)
			s := openShop(t, w)
			s.Owner.Gateway()
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { c.meanwhile(s) }))
			r := c.call(s)
			mend()
			if got := label(r); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			w.In(t).CheckInvariants()
		})
	}
}

// Two changes of a key at the same time are both made.
func TestStale_keysAreReadAgain(t *testing.T) {
	w := apitest.New(t)
	s := openShop(t, w)
	path := "/v1/keys/" + s.key
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() {
		s.Member.Do("PATCH", path, apitest.Map{"requests_per_minute": 7}).Want(200)
	}))
	s.patch(s.Member, path, "name", "Late").Want(200)
	mend()
	if r := s.Member.Do("GET", path, nil).Want(200); r.Get("name") != "Late" || r.Get("requests_per_minute") != "7" {
		t.Errorf("the key is now %s", r.Body)
	}
}

// A budget that somebody else sets at the same time is read again: the record of each
// change begins where the one before ended.
func TestStale_budgetsAreReadAgain(t *testing.T) {
	for name, meanwhile := range map[string]func(s shop){
		"limit":  func(s shop) { s.terms(s.Owner, 30, "month").Want(200) },
		"period": func(s shop) { s.terms(s.Owner, 10, "day").Want(200) },
	} {
		t.Run(name, func(t *testing.T) {
			w := apitest.New(t)
			s := openShop(t, w)
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { meanwhile(s) }))
			s.setLimit(s.Admin, 20)
			mend()
			rows := s.Owner.List("/v1/audit?action=budget.set")
			for i, row := range rows[:2] { // newest first
				before, after := row["before"].(apitest.Map), rows[i+1]["after"].(apitest.Map)
				if before["limit_usd"] != after["limit_usd"] || before["period"] != after["period"] {
					t.Errorf("a change to %v is said to change %v", after, before)
				}
			}
		})
	}
}

// A budget that is deleted and set again while it is set becomes the one of who came last,
// and one that two set first is counted once: it can be deleted, and nothing is left.
func TestStale_budgetsAreOne(t *testing.T) {
	w := apitest.Alone(t)
	s := openShop(t, w)
	first := func(by *apitest.Person, usd int) {
		by.Do("PUT", "/v1/budgets/team/"+s.team, apitest.Map{"limit_usd": usd, "period": "day"}).Want(200)
	}
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { first(s.Owner, 1) }))
	first(s.Admin, 2)
	mend()
	if got := w.Books().Orgs[s.Owner.OrgID].Row.Number("budgets_team"); got != 1 {
		t.Errorf("the org counts %d budgets of teams", got)
	}
	if n := s.Owner.Recorded("budget.set"); n != 3 {
		t.Errorf("%d entries", n)
	}
}

// What is spent or held while a budget gets another period counts to it.
func TestStale_spendCountsToTheNewPeriod(t *testing.T) {
	w := apitest.New(t)
	for name, c := range map[string]struct {
		meanwhile       func(gw biller, key payer, reservation string)
		spent, reserved string
	}{
		"an event": {func(gw biller, key payer, _ string) {
			gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
		}, "2", "3"},
		"a reservation": {func(gw biller, key payer, _ string) { gw.reserve(key, "1") }, "0", "4"},
		"a settlement": {func(gw biller, key payer, reservation string) {
			gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 3, "reservation_id": reservation})).want(t, 1, 0, 0, 0)
		}, "3", "0"},
	} {
		t.Run(name, func(t *testing.T) {
			s, gw := openShop(t, w), billerOf(w.In(t))
			key := pay(s.Member)
			reservation := gw.reserve(key, "3").Get("reservation_id")
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { c.meanwhile(gw, key, reservation) }))
			s.terms(s.Admin, 10, "total").Want(200)
			mend()
			if r := s.Owner.Do("GET", s.budget(), nil); r.Get("spent_usd") != c.spent || r.Get("reserved_usd") != c.reserved {
				t.Errorf("want $%s spent and $%s reserved: %s", c.spent, c.reserved, r.Body)
			}
		})
	}
}

// A key that is renamed while its holder goes, or becomes a viewer, ends under its last name.
func TestStale_keysEndUnderTheirLastName(t *testing.T) {
	w := apitest.Alone(t)
	for name, end := range map[string]func(s shop) *apitest.Reply{
		"removal":  func(s shop) *apitest.Reply { return s.Owner.Do("DELETE", "/v1/members/"+s.Member.ID, nil) },
		"demotion": func(s shop) *apitest.Reply { return s.patch(s.Owner, "/v1/members/"+s.Member.ID, "role", "viewer") },
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t, w)
			rename := func() { s.patch(s.Member, "/v1/keys/"+s.key, "name", "its last name").Want(200) }
			mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", rename))
			r := end(s)
			mend()
			ended := s.Owner.List("/v1/audit?action=key.revoked")
			if r.Status >= 300 || len(ended) != 1 || ended[0]["target"].(apitest.Map)["name"] != "its last name" {
				t.Errorf("%s: %v", r.Body, ended)
			}
		})
	}
	w.CheckInvariants()
}

// A link that is used while it is used opens one session; sessions that end while they end
// are recorded once; of two rotations of the gateway's token at once, one is refused.
func TestStale_twice(t *testing.T) {
	w := apitest.Alone(t)
	s := openShop(t, w)
	nobody := w.Stranger()
	nobody.Do("POST", "/v1/sessions", apitest.Map{"email": s.Member.Email}).Want(202)
	link := apitest.Map{"token": w.Mail.Token(s.Member.Email)}
	confirm := func() *apitest.Reply { return nobody.Do("POST", "/v1/sessions/confirm", link) }
	mend := w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { confirm().Want(200) }))
	confirm().WantProblem(410, "link_invalid")
	mend()
	everywhere := func() { s.Member.Do("DELETE", "/v1/sessions", nil).Want(204) }
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", everywhere))
	everywhere()
	mend()
	if n := s.Owner.Recorded("session.all_ended"); n != 1 {
		t.Errorf("%d entries of one end", n)
	}
	var good string
	mend = w.Wire.Break(apitest.Meanwhile("TransactWriteItems", func() { good = w.NewGatewayToken() }))
	_, err := tokens.Rotator{Store: w.Store, Now: w.Clock.Now}.Rotate(t.Context())
	mend()
	if err == nil {
		t.Error("both rotations say that they are done")
	}
	g := &apitest.Person{World: w, Token: good}
	g.Do("POST", "/v1/keys/verify", apitest.Map{"key": "x"}).Want(200)
}
