package apitest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// scales weigh what transactions write. The engine on this machine reports the units of
// one or two of a transaction's actions only, so they are counted here, as Amazon
// documents it: two units for each begun KB of the larger of an item before and after.
// Sums only grow, so that is what is there in the end.
type scales struct {
	mu      sync.Mutex
	failed  int                             // calls that the engine failed, as it does on a busy machine: they come again
	touched []map[string]struct{ S string } // keys
}

// hook sees the transactions go by.
func (s *scales) hook(c apitest.Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	answer, err := send()
	if err != nil || answer.StatusCode >= http.StatusInternalServerError {
		s.mu.Lock()
		s.failed++
		s.mu.Unlock()
	}
	if c.Operation != "TransactWriteItems" || err != nil || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	type keyed struct {
		Key  map[string]struct{ S string }
		Item map[string]struct{ S string }
	}
	var doc struct {
		TransactItems []struct{ Put, Update keyed }
	}
	if err := json.Unmarshal(c.Body, &doc); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, action := range doc.TransactItems {
		key := action.Update.Key
		if key == nil {
			key = action.Put.Item
		}
		s.touched = append(s.touched, key)
	}
	return answer, nil
}

// units are those of all that the transactions wrote.
func (s *scales) units(w *apitest.World) (units int) {
	sizes := map[string]int{}
	for _, k := range s.touched {
		name := k["pk"].S + " " + k["sk"].S
		if _, known := sizes[name]; !known {
			out, err := w.DB.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: &w.Table, Key: map[string]types.AttributeValue{
				"pk": &types.AttributeValueMemberS{Value: k["pk"].S}, "sk": &types.AttributeValueMemberS{Value: k["sk"].S},
			}})
			if err != nil {
				w.Fatal(err)
			}
			sizes[name] = itemSize(out.Item)
		}
		units += 2 * ((sizes[name] + 1023) / 1024)
	}
	return units
}

// itemSize is the size of an item in bytes.
func itemSize(item map[string]types.AttributeValue) (n int) {
	for name, value := range item {
		n += len(name)
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			n += len(v.Value)
		case *types.AttributeValueMemberN:
			n += len(strings.Trim(v.Value, "0"))/2 + 2
		case *types.AttributeValueMemberSS:
			for _, s := range v.Value {
				n += len(s)
			}
		default:
			panic("spend has no such attributes")
		}
	}
	return n
}
