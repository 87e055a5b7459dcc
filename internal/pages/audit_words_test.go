package pages

import (
	"encoding/json"
	"testing"

	"github.com/nemorouter/nemo-team/internal/audit"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/spend"
)

func TestActionWords_areOfEveryAction(t *testing.T) {
	for _, a := range audit.Actions() {
		if actionWords[a] == "" {
			t.Errorf("%s has no words", a)
		}
	}
	if len(actionWords) != len(audit.Actions()) {
		t.Error("there are words of what is not recorded")
	}
}

// Entries say what changed as people do: money as money, ids by their names, no brackets.
func TestChanges_areInWords(t *testing.T) {
	const member, team = "0199d2a4-0000-7000-8000-00000000000a", "0199d2a4-0000-7000-8000-00000000000b"
	labels := spendLabels{memberRef(member): spend.Label{Name: "Grace Hopper", Email: "grace@acme.com"}, teamRef(team): spend.Label{Name: "Platform"}}
	for entry, want := range map[string]string{
		`{"after": {"limit_usd": "20", "period": "month", "alerts": ["50", "80", "100"]}}`:                                                                           "limit: $20.00; mails at: 50%, 80%, 100%; period: a month",
		`{"before": {"limit_usd": "20", "period": "month", "alerts": ["50"]}, "after": {"limit_usd": "1000.5", "period": "total", "alerts": []}}`:                    "limit: $20.00 to $1,000.50; mails at: 50% to no percentage; period: a month to in total",
		`{"after": {"name": "Acme", "slug": "acme", "credit_usd": "5"}}`:                                                                                             "credit: $5.00; name: Acme; slug: acme",
		`{"after": {"amount_usd": "25.5", "note": "invoice 12"}}`:                                                                                                    "amount: $25.50; note: invoice 12",
		`{"before": {"role": "member", "team_id": "` + team + `"}}`:                                                                                                  "role: member; team: Platform",
		`{"after": {"user_id": "` + member + `", "scopes": ["inference", "manage"]}}`:                                                                                "for: Models, API; member: Grace Hopper",
		`{"after": {"user_id": "0199d2a4-0000-7000-8000-00000000000c", "reason": "member.left"}}`:                                                                    "because: member left; member: 0199d2a4-0000-7000-8000-00000000000c",
		`{"before": {"models": [], "requests_per_minute": 0}, "after": {"models": ["gpt-5"], "requests_per_minute": 1000000, "expires_at": "2026-12-01T08:00:00Z"}}`: "expires: 1 Dec 2026, 08:00 UTC; models: any to gpt-5; rate: no limit to 1,000,000 a minute",
		`{"after": {"previous_until": "2026-11-24T12:00:00Z"}}`:                                                                                                      "old secret works until: 24 Nov 2026, 12:00 UTC",
		`{"after": {"previous_until": "2026-11-23T12:00:00Z"}}`:                                                                                                      "old secret works until: now",
		`{"before": {"owner": "a@acme.com", "owner_id": "` + member + `"}, "after": {"owner": "b@acme.com", "owner_id": "x"}}`:                                       "owner: a@acme.com to b@acme.com",
		`{"before": {"name": "Same"}, "after": {"name": "Same"}}`:                                                                                                    "",
	} {
		e := audit.Entry{At: noon}
		if err := json.Unmarshal([]byte(entry), &e); err != nil {
			t.Fatal(err)
		}
		e.At = noon
		if got := listed(labels.changes(e)); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", entry, got, want)
		}
	}
}

func listed(changes []change) (text string) {
	for i, c := range changes {
		if i > 0 {
			text += "; "
		}
		text += c.Name + ": " + c.Before.Text + c.Before.Time.Human
		if c.Before.Is() && c.After.Is() {
			text += " to "
		}
		text += c.After.Text + c.After.Time.Human
	}
	return text
}

func TestTarget_ofBudgets(t *testing.T) {
	labels := spendLabels{
		{Scope: budgets.Member, ID: "m"}: {Email: "grace@acme.com"}, {Scope: budgets.Key, ID: "k"}: {Name: "ci"}, {Scope: budgets.Org, ID: "o"}: {Name: "Acme"},
	}
	for scope, want := range map[string][2]string{
		"member": {"grace@acme.com", "member’s budget"}, "key": {"ci", "key’s budget"}, "org": {"Acme", "organization’s budget"},
	} {
		if name, kind := labels.target(audit.Target{Type: audit.Budget, ID: scope[:1], Name: scope}); name != want[0] || kind != want[1] {
			t.Errorf("%s: %q, %q", scope, name, kind)
		}
	}
}
