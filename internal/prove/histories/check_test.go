package histories_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/money"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// check holds the history against the table.
func check(s *scene, h *history) {
	s.Helper()
	books := s.CheckInvariants()
	checkRecord(s, h, books)
	for _, o := range books.Orgs {
		checkRoles(s, o)
		checkInTime(s, o)
		checkLedger(s, o)
	}
	for _, stale := range h.stale() {
		s.Errorf("%s", stale)
	}
	checkCounted(s, books)
	checkSpend(s, books)
}

// checkRecord compares what clients were told with the record: once for what was
// acknowledged, not at all for what was refused, and at most once for what nobody knows.
// Nothing else is in the record.
func checkRecord(s *scene, h *history, books apitest.Books) {
	s.Helper()
	by := entries(books)
	for _, w := range h.wants {
		n, others := w.count(by)
		if len(others) > 0 {
			s.Errorf("%s also left the entries %q", w.action, others)
		}
		if least, most := w.bounds(); n < least || n > most {
			s.Errorf("%s was answered %+v, and the record has it %d times, want %d to %d", w.action, w.tries, n, least, most)
		}
		for _, try := range w.tries {
			delete(by, try.requestID)
		}
	}
	for _, rest := range by {
		for _, e := range rest {
			if actor, _ := e["actor"].(map[string]any); actor["via"] != "system" && !preparing[e.Text("action")] {
				s.Errorf("nobody asked for the entry %v", e)
			}
		}
	}
}

// preparing are the entries of making the scene, whose calls are in no history.
var preparing = map[string]bool{"org.created": true, "invitation.created": true, "invitation.accepted": true}

// bounds are how many entries a want may have left.
func (w want) bounds() (least, most int) {
	most = w.times
	if w.action == "invitation.created" && w.times == 0 { // in bulk: what was created is what its rows say
		most = 2
	}
	last := w.tries[len(w.tries)-1]
	tried := slices.ContainsFunc(w.tries, answer.unknown)
	switch {
	case last.yes() && !w.maybe:
		return w.times, most
	case w.maybe: // between two tries others may have undone what the first did
		return 0, most * w.effects()
	case last.yes(), tried:
		return 0, most
	default:
		return 0, 0
	}
}

// effects is how many of the tries may have done something.
func (w want) effects() (n int) {
	for _, a := range w.tries {
		if a.yes() || a.unknown() {
			n++
		}
	}
	return n
}

// checkRoles follows what the record tells of each member's role: each change begins where
// another ended, and the last ends where the member is. Entries have no order of their own
// within a millisecond, so what is checked is that each role was entered as often as it was
// left, and the present one once more.
func checkRoles(s *scene, o *apitest.OrgBooks) {
	s.Helper()
	for id, member := range o.Members {
		balance, unnamed := map[any]int{member["role"]: -1}, 0
		for _, e := range o.Audit {
			target, _ := e["target"].(map[string]any)
			before, _ := e["before"].(map[string]any)
			after, _ := e["after"].(map[string]any)
			switch action := e.Text("action"); {
			case action == "member.role_changed" && target["id"] == id:
				balance[before["role"]]--
				balance[after["role"]]++
			case action == "invitation.accepted" && after["user_id"] == id:
				balance[after["role"]]++
			case (action == "member.removed" || action == "member.left") && target["id"] == id:
				balance[before["role"]]--
			case action == "org.created":
				if actor, _ := e["actor"].(map[string]any); actor["user_id"] == id {
					balance["owner"]++
				}
			case action == "org.ownership_transferred":
				if before["owner_id"] == id {
					balance["owner"]--
					balance["admin"]++
				}
				if after["owner_id"] == id { // from a role that the entry does not name
					balance["owner"]++
					unnamed++
				}
			}
		}
		for role, n := range balance {
			if unnamed -= n; n < 0 {
				s.Errorf("member %s is %v, and left the role %v more often than they had it", id, member["role"], role)
			}
		}
		if unnamed != 0 {
			s.Errorf("member %s is %v, and the record of their roles is off by %d: %v", id, member["role"], unnamed, balance)
		}
	}
}

// checkInTime: nobody got in at or after the end of their invitation.
func checkInTime(s *scene, o *apitest.OrgBooks) {
	s.Helper()
	for _, e := range o.Audit {
		target, _ := e["target"].(map[string]any)
		id, _ := target["id"].(string)
		if inv := o.Invitations[id]; e.Text("action") == "invitation.accepted" && e["at"].(float64) >= inv["expires_at"].(float64) {
			s.Errorf("invitation %s was accepted at %v and expired at %v", id, e["at"], inv["expires_at"])
		}
	}
}

// checkLedger: each top-up is there once.
func checkLedger(s *scene, o *apitest.OrgBooks) {
	s.Helper()
	n := 0
	for _, e := range o.Ledger {
		if e.Text("kind") == "top_up" {
			n++
		}
	}
	if told := o.Entries("credits.added"); n != told {
		s.Errorf("org %s was topped up %d times, and the record tells of %d", o.Row.Text("id"), n, told)
	}
}

// checkCounted: each event that was acknowledged is there. It must come before checkSpend,
// which would report again what was lost.
func checkCounted(s *scene, books apitest.Books) {
	s.Helper()
	there := map[any]bool{}
	for _, o := range books.Orgs {
		for id := range o.Events {
			there[id] = true
		}
	}
	for _, e := range s.counted {
		if !there[e["event_id"]] {
			s.Errorf("event %s was acknowledged and is lost", e["event_id"])
		}
	}
}

// checkSpend reports all events once more, as a gateway does that knows of no answer: each
// was counted once, and the sums are theirs.
func checkSpend(s *scene, books apitest.Books) {
	s.Helper()
	for batch := range slices.Chunk(s.events, 100) {
		r := s.gateway.Do("POST", "/v1/spend/events", batch).Want(200)
		if r.Get("rejected") != "0" || r.Get("conflicts") != "0" {
			s.Errorf("events were not taken: %s", r.Body)
		}
	}
	var got money.Amount
	for id, o := range books.Orgs {
		owner := &apitest.Person{World: s.World, Email: emailOf(o)}
		got += spentBy(s, owner.SignIn())
		for _, day := range []time.Time{yesterday(s), s.Clock.Now()} { // a history may go on into another month
			found, err := s.Reconciler.Reconcile(context.Background(), spend.Period{OrgID: id, Month: day.Format("2006-01")})
			if err != nil || len(found.Differences) > 0 {
				s.Errorf("reconciling: %+v, %v", found.Differences, err)
			}
		}
	}
	if want := money.Amount(len(s.events)) * money.Dollar / 1000; got != want {
		s.Errorf("$%s were counted, want $%s", got, want)
	}
}

func emailOf(o *apitest.OrgBooks) string { return o.Members[o.Row.Text("owner_id")].Text("email") }

// yesterday is before any history began.
func yesterday(s *scene) time.Time { return s.Clock.Now().AddDate(0, 0, -1) }

func spentBy(s *scene, owner *apitest.Person) money.Amount {
	s.Helper()
	text := owner.Do("GET", "/v1/spend?from="+yesterday(s).Format(time.DateOnly), nil).Want(200).Get("total.spend_usd")
	amount, err := money.Parse(text)
	if err != nil {
		s.Fatal(fmt.Errorf("%q: %w", text, err))
	}
	return amount
}

// opens reports whether a token is one of the invitation.
func opens(token, invitationID string) bool {
	t, err := invites.ParseToken(token)
	return err == nil && t.InvitationID == invitationID
}
