package browsertest

import (
	"strings"
	"testing"
	"time"
)

// The story of the product, as two people and a gateway live it: sign up, invite, read the
// mail, accept in another profile, make a key, spend with it, see who spent, hit a budget,
// and be out at once when removed.
func TestStory(t *testing.T) {
	t.Parallel()
	ada, bob := newPerson(t, "ada@story.example"), newPerson(t, "bob@story.example")
	const team, keys, spend = "/story-robotics/team", "/story-robotics/keys", "/story-robotics/spend"

	ada.opens("/signup")
	ada.fills("Organization", "Story Robotics")
	ada.fills("Email address", ada.email)
	ada.clicks("Continue")
	ada.sees("Check your mail", ada.email)
	ada.followsMail("Confirm")
	ada.clicks("Create and sign in")
	ada.isAt(team)
	ada.sees("You are the first one here")

	ada.clicks("Invite people")
	ada.fills("Email addresses", bob.email)
	ada.chooses("Role", "Member")
	ada.clicks("Send invitations")
	ada.sees("The invitation is on its way.")

	bob.followsMail("invited")
	bob.sees("Join Story Robotics", ada.email, "Member")
	bob.fills("Your name", "Bob Builder")
	bob.clicks("Accept and join")
	bob.isAt(team)
	bob.sees("Bob Builder You", ada.email)
	bob.misses("Invite people", "Audit", "Billing")
	ada.opens(team)
	ada.sees("Bob Builder", "Invite people", "Audit", "Billing")

	bob.clicks("Keys")
	bob.clicks("Create a key")
	bob.fills("Name", "crane")
	bob.clicks("Create the key")
	bob.sees("it is shown this once")
	key := bob.reads("#secret")
	bob.clicks("I have copied it")
	bob.sees("crane")
	bob.misses(key)
	gateway := gateway{t}
	gateway.wantsVerdict(key, "ok")

	gateway.spends(key, "gpt-4o", "1.25")
	ada.clicks("Spend")
	ada.isAt(spend)
	ada.sees("$1.25", bob.email, "crane", "gpt-4o")
	if ask[int](ada, `document.querySelectorAll(".chart-plot path[d]").length`) < 2 {
		ada.stuck("see the chart", "no series is drawn")
	}

	ada.clicks("Set a budget")
	ada.fills("Limit in US dollars", "2")
	ada.clicks("Set the budget")
	ada.sees("$1.25", "$2")
	gateway.wantsVerdict(key, "ok")
	gateway.spends(key, "gpt-4o", "0.80")
	gateway.wantsVerdict(key, "budget_exceeded")
	ada.opens(spend)
	ada.sees("$2.05", "Spent: requests are refused")
	bob.opens(spend)
	bob.sees("$2.05", "Spent: requests are refused")
	site.mail(t, ada.email, "budget")

	ada.opens(team)
	ada.clicks("Actions for Bob Builder")
	ada.clicks("Remove")
	ada.sees("They are signed out everywhere", "1 live key (crane)")
	ada.clicks("Remove Bob Builder")
	ada.sees("The member was removed.")

	bob.clicks("Keys")
	bob.isAt("/signin")
	bob.sees("Your session has ended")
	bob.opens(keys)
	bob.isAt("/signin")
	gateway.wantsVerdict(key, "revoked")
	ada.opens(spend)
	ada.sees("$2.05", bob.email, "crane")
}

// gateway is the LLM gateway, which has no browser.
type gateway struct{ *testing.T }

// wantsVerdict asks about a key and fails the test unless the answer has the code.
func (g gateway) wantsVerdict(key, code string) {
	g.Helper()
	if got := site.api(g.T, site.GatewayToken, "POST", "/v1/keys/verify", object{"key": key})["code"]; got != code {
		g.Fatalf("the gateway is told %v, want %s", got, code)
	}
}

// spends reports a request and what it cost.
func (g gateway) spends(key, model, dollars string) {
	g.Helper()
	answer := site.api(g.T, site.GatewayToken, "POST", "/v1/spend/events", []object{{
		"event_id": strings.Join([]string{g.Name(), hashed(key), dollars}, "/"), "key_hash": hashed(key), "model": model, "cost_usd": dollars,
		"prompt_tokens": 1000, "completion_tokens": 100, "at": time.Now().UTC().Format(time.RFC3339),
	}})
	if answer["counted"] != 1.0 {
		g.Fatalf("not counted: %v", answer)
	}
}
