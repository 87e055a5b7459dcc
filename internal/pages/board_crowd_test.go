package pages_test

import (
	"fmt"
	"maps"
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// crowdLike gives the org n members more, like one whom it has, whose addresses begin with "crowd".
func crowdLike(t *testing.T, p *apitest.Person, n int) {
	t.Helper()
	is := func(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }
	out, err := p.DB.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: &p.Table, Key: map[string]types.AttributeValue{"pk": is("ORG#" + p.OrgID), "sk": is("MEMBER#" + p.ID)},
	})
	if err != nil || out.Item == nil {
		t.Fatal(out, err)
	}
	for i := range n {
		item, id, email := maps.Clone(out.Item), p.NoID(), fmt.Sprintf("crowd%04d@example.com", i)
		item["sk"], item["user_id"], item["email"], item["kind_sort"] = is("MEMBER#"+id), is(id), is(email), is(email)
		if _, err := p.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &p.Table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
}

// Where a search drops very many members, a page reads a bounded part of them, says so, and
// leads on.
func TestBoard_searchDropsVeryMany(t *testing.T) {
	const mostTrips = 6
	owner := apitest.New(t).SignUp("Acme")
	team := owner.Do("POST", "/v1/teams", apitest.Map{"name": "Research"}).Want(201).Get("id")
	crowdLike(t, owner.Hire("member"), 450)
	b := browse(owner)
	path := "/team?q=crowd&team=" + team
	if n := b.trips(path, 20*time.Millisecond); n > mostTrips {
		t.Errorf("%d round trips", n)
	}
	r := b.open(path).Want(200)
	pages := 1
	for ; next.Match(r.Body) && pages < 9; pages++ {
		says(t, r, "Nobody on this page")
		r = b.Browse("GET", link(t, r, next.String()), "").Want(200)
	}
	says(t, r, "Nobody found", ">First page<")
	if pages == 1 {
		t.Error("all were read for one page")
	}
}

var next = regexp.MustCompile(`href="([^"]*)" rel="next"`)
