package pages_test

import (
	"maps"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/authz"
	"github.com/nemorouter/nemo-team/internal/spend"
)

// crowd gives an org as many megabytes of keys' sums as it takes for a page to give up.
func crowd(t *testing.T, p *apitest.Person, keyID string) {
	t.Helper()
	const megabytes, each = 6, 390_000
	in := &dynamodb.QueryInput{
		TableName: &p.Table, KeyConditionExpression: new("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: "SPEND#" + p.OrgID + "#" + p.Clock.Now().Format("2006-01")},
			":sk": &types.AttributeValueMemberS{Value: "KEY#" + keyID},
		},
	}
	out, err := p.DB.Query(t.Context(), in)
	if err != nil || len(out.Items) != 1 {
		t.Fatal(len(out.Items), err)
	}
	for i := range megabytes * 1_000_000 / each {
		item := maps.Clone(out.Items[0])
		item["sk"] = &types.AttributeValueMemberS{Value: "KEY#" + p.NoID() + "#" + strconv.Itoa(i)}
		item["padding"] = &types.AttributeValueMemberS{Value: strings.Repeat("x", each)}
		if _, err := p.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &p.Table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}

// The pages of an org with very many keys cost no more than they may, and leave out what
// they then do not know.
func TestBoard_spendOfVeryManyKeys(t *testing.T) {
	const mostTrips = 6
	w := apitest.New(t)
	owner := w.SignUp("Acme")
	key := spends(owner, "gpt-4o", "12.5")
	crowd(t, owner, key)
	b := browse(owner)
	for path, want := range map[string]string{"/spend": "More keys were used", "/spend?range=90d": "More keys were used", "/team": "is too much to add up here"} {
		var r *apitest.Reply
		if calls := w.Wire.Record(func() { r = b.open(path).Want(200) }); len(calls) > mostTrips {
			t.Errorf("%s takes %d round trips: %v", path, len(calls), calls)
		}
		says(t, r, want)
		silent(t, r, "This month</th>")
	}
	r := b.open("/spend")
	says(t, r, `id="spent">$12.50<`, "gpt-4o", "Spend by day")
	silent(t, r, "spender")

	w.Clock.ToMidMonth() // what is too much to know of the last month keeps nothing of this one
	owner = owner.SignIn()
	spends(owner, "gpt-4o", "3")
	r = browse(owner).open("/team").Want(200)
	says(t, r, "This month</th>", "$3.00")
	silent(t, r, "is too much to add up here")
}

// Several answers from one reading say what each report by itself says.
func TestBoard_answersAreReports(t *testing.T) {
	w := apitest.New(t)
	cast := w.Cast()
	for i, p := range []*apitest.Person{cast.Owner, cast.Admin, cast.Member} {
		for d := range 45 {
			if at := w.Clock.Now().AddDate(0, 0, -d); d%(i+5) == 0 && d < 34 {
				spendsAt(p, "model-"+strconv.Itoa(d%4), strconv.Itoa(i+d+1), at)
			}
		}
	}
	reporter := spend.Reporter{Store: w.Store, Now: w.Clock.Now}
	actor := authz.Actor{OrgID: cast.Owner.OrgID, UserID: cast.Owner.ID, Role: authz.Owner}
	now := w.Clock.Now().Truncate(24 * 3600 * 1e9)
	by := [][]spend.Dim{
		{spend.DayDim}, {spend.MonthDim}, {spend.ModelDim}, {spend.KeyDim, spend.MemberDim}, {spend.MemberDim, spend.ModelDim},
		{spend.DayDim, spend.ModelDim}, {spend.DayDim, spend.MemberDim},
	}
	for _, q := range []spend.Query{
		{}, {From: now.AddDate(0, 0, -40)}, {From: now.AddDate(0, 0, -9), To: now.AddDate(0, 0, -2)},
		{UserID: cast.Admin.ID}, {Model: "model-0"}, {From: now.AddDate(0, -2, 1-now.Day())},
	} {
		answers, err := reporter.Answers(t.Context(), actor, q, by...)
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		for i, dims := range by {
			q.GroupBy = dims
			want, err := reporter.Report(t.Context(), actor, q)
			if answers[i].Err != err || err == nil && (!reflect.DeepEqual(answers[i].Rows, want.Rows) || answers[i].Total != want.Total) {
				t.Errorf("%+v: %+v, want %+v, %v", q, answers[i], want, err)
			}
			rows += len(want.Rows)
		}
		if rows == 0 {
			t.Errorf("%+v finds nothing", q)
		}
	}
}
