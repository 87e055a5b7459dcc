package apitest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// Sizes as Amazon documents them: names and values, lists and maps with what holds them.
func TestWeigh_itemSize(t *testing.T) {
	for name, c := range map[string]struct {
		item stored
		want int
	}{
		"nothing":       {nil, 0},
		"text":          {stored{"name": text("Ada")}, 4 + 3},
		"text in UTF-8": {stored{"n": text("é")}, 1 + 2},
		"number":        {stored{"n": &types.AttributeValueMemberN{Value: "1234"}}, 1 + 3},
		"round number":  {stored{"n": &types.AttributeValueMemberN{Value: "5000000"}}, 1 + 2},
		"truth":         {stored{"n": &types.AttributeValueMemberBOOL{Value: true}}, 1 + 1},
		"list":          {stored{"n": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("ab"), text("c")}}}, 1 + 3 + 2 + 3},
		"map":           {stored{"n": &types.AttributeValueMemberM{Value: stored{"k": text("ab")}}}, 1 + 3 + 1 + 3},
	} {
		if got := itemSize(c.item); got != c.want {
			t.Errorf("%s: %d bytes, want %d", name, got, c.want)
		}
	}
}

// An index takes what changes in it, and both entries when its keys change.
func TestWeigh_indexUnits(t *testing.T) {
	plain := stored{"pk": text("a")}
	entry := func(kind, more string) stored {
		return stored{"pk": text("a"), "kind_key": text(kind), "kind_sort": text("1"), "more": text(more)}
	}
	large := strings.Repeat("x", 1024)
	for name, c := range map[string]struct {
		before, after stored
		want          int
	}{
		"in no index":  {plain, plain, 0},
		"comes":        {nil, entry("live", ""), 1},
		"goes":         {entry("live", ""), plain, 1},
		"stays":        {entry("live", ""), entry("live", ""), 0},
		"changes":      {entry("live", "a"), entry("live", "b"), 1},
		"moves":        {entry("live", ""), entry("dead", ""), 2},
		"comes, large": {nil, entry("live", large), 2},
		"shrinks":      {entry("live", large), entry("live", ""), 2},
	} {
		if got := indexUnits(c.before, c.after); got != c.want {
			t.Errorf("%s: %d units, want %d", name, got, c.want)
		}
	}
}

// A transaction names what it writes and what it only looks at.
func TestWeigh_writesOf(t *testing.T) {
	body := `{"TransactItems":[{"Put":{"TableName":"t","Item":{"pk":{"S":"a"},"sk":{"S":"1"}}}},
		{"ConditionCheck":{"TableName":"t","Key":{"pk":{"S":"b"},"sk":{"S":"2"}}}}]}`
	got, err := writesOf("TransactWriteItems", []byte(body))
	want := []written{{place{"t", "a", "1"}, true, false}, {place{"t", "b", "2"}, true, true}}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, %v", got, err)
	}
}
