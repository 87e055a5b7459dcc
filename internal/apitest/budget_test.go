package apitest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/fault"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// verdict asks about a key, by its hash, and perhaps reserves.
func (b biller) verdict(k payer, fields ...apitest.Map) *apitest.Reply {
	b.Helper()
	question := apitest.Map{"key_hash": k.hash}
	for _, more := range fields {
		for name, value := range more {
			question[name] = value
		}
	}
	return b.Do("POST", "/v1/keys/verify", question).Want(200)
}

func (b biller) wantVerdict(k payer, code string) *apitest.Reply {
	b.Helper()
	r := b.verdict(k)
	if r.Get("code") != code {
		b.Fatalf("want %s: %s", code, r.Body)
	}
	return r
}

func setBudget(p *apitest.Person, scope, id, limit, period string) {
	p.Helper()
	p.Do("PUT", "/v1/budgets/"+scope+"/"+id, apitest.Map{"limit_usd": limit, "period": period}).Want(200)
}

// Each scope bounds what counts to it, and the answer names it.
func TestBudget_everyScopeBlocks(t *testing.T) {
	w := apitest.New(t)
	org, gw := w.Cast(), billerOf(w)
	key, other := pay(org.Member), pay(org.Admin)
	for _, c := range []struct{ scope, id string }{
		{"org", org.Owner.OrgID}, {"team", org.Member.TeamID}, {"member", org.Member.ID}, {"key", key.id},
	} {
		t.Run(c.scope, func(t *testing.T) {
			setBudget(org.Admin, c.scope, c.id, "1000", "month")
			gw.wantVerdict(key, "ok")
			gw.report(gw.event(key, c.scope+"1", apitest.Map{"cost_usd": "9.9"})).want(t, 1, 0, 0, 0)
			b := org.Viewer.Do("GET", "/v1/budgets/"+c.scope+"/"+c.id, nil).Want(200)
			setBudget(org.Admin, c.scope, c.id, b.Get("spent_usd"), "month")
			r := gw.wantVerdict(key, "budget_exceeded")
			if r.Get("valid") != "false" || r.Get("blocked_by.scope") != c.scope || r.Get("blocked_by.id") != c.id ||
				r.Get("blocked_by.limit_usd") != b.Get("spent_usd") || r.Get("blocked_by.spent_usd") != b.Get("spent_usd") || r.Get("blocked_by.resets_at") == "" {
				t.Errorf("%s", r.Body)
			}
			want := map[string]string{"org": "budget_exceeded", "team": "budget_exceeded", "member": "ok", "key": "ok"}[c.scope]
			gw.wantVerdict(other, want)
			org.Admin.Do("DELETE", "/v1/budgets/"+c.scope+"/"+c.id, nil).Want(204)
			gw.wantVerdict(key, "ok")
			org.Viewer.Do("GET", "/v1/budgets/"+c.scope+"/"+c.id, nil).WantProblem(404, "not_found")
		})
	}
	if n := org.Owner.Recorded("budget.set"); n != 8 {
		t.Errorf("%d entries of budgets set", n)
	}
	if n := org.Owner.Recorded("budget.deleted"); n != 4 {
		t.Errorf("%d entries of budgets deleted", n)
	}
}

// A budget that is set in the middle of a period begins with what was spent so far, and
// counts on; duplicates count once here too.
func TestBudget_beginsInTheMiddle(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 3}), gw.event(key, "old", apitest.Map{"cost_usd": 2, "at": w.Clock.Now().AddDate(0, 0, -34)}))
	for scope, id := range map[string]string{"org": owner.OrgID, "team": owner.TeamID, "member": owner.ID, "key": key.id} {
		setBudget(owner, scope, id, "100", "day")
		setBudget(owner, scope, id, "100", "total")
		if got := owner.Do("GET", "/v1/budgets/"+scope+"/"+id, nil).Get("spent_usd"); got != "5" {
			t.Errorf("%s: $%s in total", scope, got)
		}
		setBudget(owner, scope, id, "100", "day")
		if got := owner.Do("GET", "/v1/budgets/"+scope+"/"+id, nil).Get("spent_usd"); got != "3" {
			t.Errorf("%s: $%s today", scope, got)
		}
	}
	again := []apitest.Map{
		gw.event(key, "2", apitest.Map{"cost_usd": 4, "at": w.Clock.Now().AddDate(0, -2, 0)}), // rejected
		gw.event(key, "yesterday", apitest.Map{"at": w.Clock.Now().AddDate(0, 0, -1)}),
		gw.event(key, "3", apitest.Map{"cost_usd": 1}),
	}
	gw.report(again...).want(t, 2, 0, 0, 1)
	gw.report(again...).want(t, 0, 2, 0, 1)
	rows := owner.List("/v1/budgets")
	if len(rows) != 4 {
		t.Fatalf("%v", rows)
	}
	for _, row := range rows {
		if row["spent_usd"] != "4" {
			t.Errorf("%v", row)
		}
	}
}

// A period ends by the calendar: nothing is spent in the next, and late events of the one
// before do not count to it.
func TestBudget_periods(t *testing.T) {
	for _, period := range []string{"day", "week", "month", "total"} {
		t.Run(period, func(t *testing.T) {
			w := apitest.New(t)
			owner, gw := w.SignUp("Acme"), billerOf(w)
			key := pay(owner)
			owner, _ = owner.WithKey("manage")
			setBudget(owner, "key", key.id, "1", period)
			before := w.Clock.Now()
			gw.report(gw.event(key, "1", apitest.Map{"cost_usd": 1}))
			resets := gw.wantVerdict(key, "budget_exceeded").Get("blocked_by.resets_at")
			if period == "total" {
				if resets != "" {
					t.Errorf("a total resets at %s", resets)
				}
				return
			}
			end, err := time.Parse(time.RFC3339, resets)
			if err != nil || !end.Truncate(24*time.Hour).Equal(end) || period == "week" && end.Weekday() != time.Monday || period == "month" && end.Day() != 1 {
				t.Fatalf("resets at %s %v", resets, err)
			}
			w.Clock.Advance(end.Sub(w.Clock.Now()) - time.Second)
			gw.wantVerdict(key, "budget_exceeded")
			w.Clock.Advance(2 * time.Second)
			gw.wantVerdict(key, "ok")
			gw.report(gw.event(key, "late", apitest.Map{"cost_usd": 5, "at": before})).want(t, 1, 0, 0, 0)
			gw.wantVerdict(key, "ok")
			gw.report(gw.event(key, "new", apitest.Map{"cost_usd": "0.5"}), gw.event(key, "later", apitest.Map{"cost_usd": 5, "at": before})).want(t, 2, 0, 0, 0)
			gw.wantVerdict(key, "ok")
			gw.report(gw.event(key, "new2", apitest.Map{"cost_usd": "0.5"})).want(t, 1, 0, 0, 0)
			gw.wantVerdict(key, "budget_exceeded")
		})
	}
}

// Where no budget is set, verifying reads as much as without budgets; where one is, one row
// more, in the same round trips.
func TestBudget_verifyCost(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	for _, want := range []spendCost{{trips: 2, read: 4}, {trips: 3, read: 5}} {
		gw.verdict(key)
		calls := w.Wire.Record(func() { gw.wantVerdict(key, "ok") })
		got := spendCost{trips: len(calls)}
		for _, c := range calls {
			got.read += c.ReadUnits
		}
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		setBudget(owner, "member", owner.ID, "5", "month")
	}
}

// Many batches at once count to a budget exactly.
func TestBudget_race(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	setBudget(owner, "org", owner.OrgID, "100", "total")
	defer w.Wire.Break(apitest.Conflicts(0.1))()
	var calls []func() *apitest.Reply
	for i := range 40 {
		calls = append(calls, func() *apitest.Reply {
			return gw.Do("POST", "/v1/spend/events", []apitest.Map{gw.event(key, fmt.Sprint(i/2)), gw.event(key, fmt.Sprint("x", i))})
		})
	}
	for _, r := range apitest.Race(calls...) {
		r.Want(200)
	}
	got := owner.Do("GET", "/v1/budgets/org/"+owner.OrgID, nil)
	if got.Get("spent_usd") != "0.06" {
		t.Errorf("%s", got.Body)
	}
}

// Who may do what, and what is refused.
func TestBudget_refusals(t *testing.T) {
	w := apitest.New(t)
	org, stranger := w.Cast(), w.SignUp("Globex")
	key := pay(org.Member)
	body := apitest.Map{"limit_usd": 1}
	for _, p := range []*apitest.Person{org.Member, org.Viewer} {
		p.Do("PUT", "/v1/budgets/key/"+key.id, body).WantProblem(403, "forbidden")
		p.Do("DELETE", "/v1/budgets/key/"+key.id, nil).WantProblem(403, "forbidden")
	}
	setBudget(org.Admin, "key", key.id, "1", "month")
	for scope, id := range map[string]string{"org": org.Owner.OrgID, "team": org.Owner.TeamID, "member": org.Member.ID, "key": key.id} {
		stranger.Do("PUT", "/v1/budgets/"+scope+"/"+id, body).WantProblem(404, "not_found")
		stranger.Do("GET", "/v1/budgets/"+scope+"/"+id, nil).WantProblem(404, "not_found")
		stranger.Do("DELETE", "/v1/budgets/"+scope+"/"+id, nil).WantProblem(404, "not_found")
	}
	for _, bad := range []apitest.Map{{"limit_usd": -1}, {"limit_usd": "x"}, {}, {"limit_usd": 1, "period": "year"}, {"limit_usd": 1, "alerts": []int{0}}, {"limit_usd": 1e12}} {
		org.Admin.Do("PUT", "/v1/budgets/key/"+key.id, bad).WantProblem(422, "validation_failed")
	}
	org.Admin.Do("PUT", "/v1/budgets/credits/"+org.Owner.OrgID, body).WantProblem(422, "validation_failed")
}

// What others have spent makes the budget of a key no dearer to set.
func TestBudget_ofAKeyReadsItsOwnSums(t *testing.T) {
	w := apitest.New(t)
	owner, gw := w.SignUp("Acme"), billerOf(w)
	key := pay(owner)
	gw.report(gw.event(key, "own", apitest.Map{"cost_usd": 2})).want(t, 1, 0, 0, 0)
	units := func() (read float64) {
		for _, call := range w.Wire.Record(func() { setBudget(owner, "key", key.id, "10", "month") }) {
			read += call.ReadUnits
		}
		wantBudget(t, owner, "key", key.id, "2")
		owner.Do("DELETE", "/v1/budgets/key/"+key.id, nil).Want(204)
		return read
	}
	alone := units()
	var batch []apitest.Map
	for range 30 {
		another := pay(owner)
		batch = append(batch, gw.event(another, another.id))
	}
	gw.report(batch...).want(t, len(batch), 0, 0, 0)
	if among := units(); among > alone {
		t.Errorf("%v read units, and %v among others", alone, among)
	}
}

// An event that a budget never stands still for is not tried as fast as can be: what moves the
// budget needs the engine as well.
func TestBudget_movesAllTheTime(t *testing.T) {
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	key := pay(owner)
	setBudget(owner, "key", key.id, "10", "month")
	ref, now := budgets.Ref{Scope: budgets.Key, ID: key.id}, w.Clock.Now()
	b, err := w.Store.Budget(t.Context(), owner.OrgID, ref)
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	defer w.Wire.Break(func(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "TransactWriteItems" {
			tries++
			move(w, owner.OrgID, ref, fmt.Sprint("revision ", tries))
		}
		return send()
	})()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	charge := spend.Charge{
		Event: spend.Event{ID: "1", KeyID: key.id, Model: "m", Cost: 1, At: now}, Payer: spend.Payer{OrgID: owner.OrgID}, Budgets: []budgets.Budget{b},
	}
	if _, err := w.Store.SaveCharges(ctx, []spend.Charge{charge}, now); !errors.Is(err, fault.ErrUnavailable) || tries < 2 || tries > 35 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

// move makes a budget another one.
func move(w *apitest.World, orgID string, r budgets.Ref, revision string) {
	w.Helper()
	_, err := w.DB.UpdateItem(context.Background(), &dynamodb.UpdateItemInput{
		TableName: &w.Table, UpdateExpression: aws.String("SET revision = :revision"),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + orgID},
			"sk": &types.AttributeValueMemberS{Value: "BUDGET#" + string(r.Scope) + "#" + r.ID},
		},
		ExpressionAttributeValues: map[string]types.AttributeValue{":revision": &types.AttributeValueMemberS{Value: revision}},
	})
	if err != nil {
		w.Error(err)
	}
}
