package bench_test

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/web"
)

// growing are operations whose cost might follow the size of an org, and must not. Lists
// show pages of 50.
var growing = []operation{
	asked("GET /v1/members", 200),
	ofTeam("GET /v1/members?team_id=", ""),
	asked("GET /v1/members?role=member", 200),
	asked("GET /v1/members?q=bob+00000", 200),
	asked("GET /v1/members?q=bob.00000", 200),
	asked("GET /v1/keys", 200),
	asked("GET /v1/keys?state=revoked", 200),
	sent("GET /v1/keys?user_id=", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/keys?user_id="+s.Owner.ID, nil) }),
	ofTeam("GET /v1/keys?team_id=", ""),
	asked("GET /v1/invitations", 200),
	asked("GET /v1/invitations?status=pending", 200),
	asked("GET /v1/invitations?status=expired", 200),
	asked("GET /v1/teams", 200),
	asked("GET /v1/audit", 200),
	asked("GET /v1/audit?action=org.created", 200),
	sent("GET /v1/audit?actor=", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/audit?actor="+s.Owner.ID, nil) }),
	sent("GET /v1/audit?target=", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/audit?target="+s.Owner.OrgID, nil) }),
	asked("GET /v1/budgets", 200),
	asked("GET /v1/billing", 200),
	asked("GET /v1/billing/ledger", 200),

	verification,
	invite("POST /v1/invitations"),
	sent("POST /v1/invitations/accept", func(s *stage) *request { return s.byLink(200, "accept") }),
	sent("PATCH /v1/members/{id}", func(s *stage) *request {
		return as(s.Owner, 200, "PATCH /v1/members/"+s.hire("member").ID, apitest.Map{"role": "admin"})
	}),
	sent("DELETE /v1/members/{id}", func(s *stage) *request {
		return as(s.Owner, 204, "DELETE /v1/members/"+s.hire("member").ID, nil)
	}),

	pageOf("team"), pageOf("team?view=invitations"), pageOf("team?q=bob"), pageOf("keys"), pageOf("keys?state=revoked"), pageOf("teams"),
	pageOf("audit"), pageOf("billing"), pageOf("settings"),
}

// reports are about all that was spent, and cost what there is to add up: by day, the days;
// by anything else, the keys that have spent. The page of spend asks for several of them. A
// file of the record has up to 1,000 entries, and costs those.
var reports = []operation{
	asked("GET /v1/spend?group_by=day", 200),
	asked("GET /v1/spend?group_by=model", 200),
	asked("GET /v1/spend?group_by=key", 200),
	asked("GET /v1/spend?group_by=member", 200),
	asked("GET /v1/spend?group_by=team", 200),
	asked("GET /v1/spend?group_by=month", 200),
	asked("GET /v1/spend?group_by=member,model", 200),
	sent("GET /v1/spend?member_id=", func(s *stage) *request { return as(s.Owner, 200, "GET /v1/spend?member_id="+s.Owner.ID, nil) }),
	pageOf("spend"),
	pageOf("spend?file=csv"),
	seenAgain("GET /v1/audit (file)", func(s *stage) *request {
		return as(s.Owner, 200, "GET /v1/audit", nil).with("Accept", web.CSV)
	}),
}

// constant are what one reads that no list is behind: one thing, something of the caller's
// own, or nothing; and a list by its other name.
var constant = []string{
	"GET /v1/me", "GET /v1/org", "GET /v1/sessions", "GET /v1/roles", "GET /v1/health", "POST /v1/keys/verify/batch",
	"GET /api/supabase/invitations", "GET /docs", "GET /openapi.json", "GET /openapi.yaml", "GET /{$}", "GET /signin", "GET /signup",
}

// Each list, report and page of an org is measured in orgs of several sizes.
func TestGrowth_coversWhatIsRead(t *testing.T) {
	measured := slices.Clone(constant)
	for _, op := range slices.Concat(growing, reports) {
		measured = append(measured, routeOf(op.name))
	}
	for _, op := range operations() {
		if route := routeOf(op.name); op.reads && !slices.Contains(measured, route) {
			t.Errorf("nobody knows how the cost of %s grows", route)
		}
	}
}

func ofTeam(path, rest string) operation {
	return sent(path, func(s *stage) *request { return as(s.Owner, 200, path+s.Owner.TeamID+rest, nil) })
}

func pageOf(page string) operation {
	return seenAgain("GET /{org}/"+page, func(s *stage) *request { return browse(s.Owner, 200, s.page("GET", page)) })
}

// BenchmarkGrowth measures operations in orgs of 10, 1,000 and, unless that would take too
// long, 100,000 members; see fill for what else there is.
func BenchmarkGrowth(b *testing.B) {
	sizes := []int{10, 1000}
	if os.Getenv("NEMO_BENCH_FULL") != "" {
		sizes = append(sizes, 100_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			s := newStage(b, operation{alone: true})
			fill(b, s, n)
			for _, op := range slices.Concat(growing, reports) {
				b.Run(op.name, func(b *testing.B) {
					for b.Loop() {
						op.reportGrowth(b, s.within(b))
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		})
	}
}

// A page costs what is on it, however large the org is.
func TestGrowth_costFollowsThePage(t *testing.T) {
	small, large := newStage(t, operation{}), newStage(t, operation{})
	fill(t, small, 200)
	fill(t, large, 800)
	for _, op := range growing {
		t.Run(op.name, func(t *testing.T) {
			of := func(s *stage) cost {
				c, err := costOf(s, op.prepare(s.within(t)), pause)
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			if is, was := of(large), of(small); is.trips > was.trips || is.rcu > was.rcu+1 || is.wcu > was.wcu {
				t.Errorf("in an org of 200 it costs\n  %+v\nand in one of 800\n  %+v", was, is)
			}
		})
	}
}
