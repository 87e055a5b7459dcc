package apitest

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/store"
)

// The local engine reports the units of one or two actions of a transaction, whatever the
// number of its actions. So what is written is weighed here, as Amazon documents it and
// as was measured on the service:
//
//   - a write takes a unit for each begun KB of the larger of an item before and after; one
//     that deletes nothing takes one;
//   - in a transaction it takes twice that, and so does a condition that is only checked;
//   - an index takes a unit for each begun KB of an entry that comes, goes or changes, and
//     both when its keys change. It follows the table by itself, in transactions too.

// stored is an item as it is sent.
type stored = map[string]types.AttributeValue

// place is where an item lies.
type place struct{ table, pk, sk string }

// written is one action that writes.
type written struct {
	place
	inTransaction bool
	checks        bool // it only looks
}

// scale weighs one request: before it is sent, and after it was answered.
type scale struct {
	db     *dynamodb.Client
	writes []written
	before map[place]stored
}

// weighing puts a request over a wire on the scale. It reads the items as they are.
func weighing(w *Wire, operation string, body []byte) (*scale, error) {
	s := &scale{db: client(w.beside())}
	var err error
	if s.writes, err = writesOf(operation, body); err != nil {
		return nil, err
	}
	s.before, err = s.read()
	return s, err
}

// units are what the writes took, now that they happened.
func (s *scale) units() (units float64, err error) {
	after, err := s.read()
	if err != nil {
		return 0, err
	}
	for _, w := range s.writes {
		was, is := s.before[w.place], after[w.place]
		factor := 1
		if w.inTransaction {
			factor = 2
		}
		units += float64(factor * begun(max(itemSize(was), itemSize(is), 1)))
		if !w.checks {
			units += float64(indexUnits(was, is))
		}
	}
	return units, nil
}

// read returns the items that the writes are about, as they are.
func (s *scale) read() (map[place]stored, error) {
	found := map[place]stored{}
	request := map[string]types.KeysAndAttributes{}
	for _, w := range s.writes {
		part := request[w.table]
		part.ConsistentRead = aws.Bool(true)
		part.Keys = append(part.Keys, stored{
			store.HashAttribute: &types.AttributeValueMemberS{Value: w.pk}, store.SortAttribute: &types.AttributeValueMemberS{Value: w.sk},
		})
		request[w.table] = part
	}
	for len(request) > 0 {
		out, err := s.db.BatchGetItem(context.Background(), &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			return nil, err
		}
		for table, items := range out.Responses {
			for _, item := range items {
				found[place{table, textOf(item, store.HashAttribute), textOf(item, store.SortAttribute)}] = item
			}
		}
		request = out.UnprocessedKeys
	}
	return found, nil
}

func textOf(item stored, name string) string {
	return item[name].(*types.AttributeValueMemberS).Value
}

// writesOf are the actions of a request that write.
func writesOf(operation string, body []byte) ([]written, error) {
	type action struct {
		TableName string
		Key, Item map[string]struct{ S string }
	}
	var doc struct {
		action
		TransactItems []struct{ Put, Update, Delete, ConditionCheck *action }
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, err
	}
	one := func(a *action, inTransaction bool) written {
		k := a.Key
		if k == nil {
			k = a.Item
		}
		return written{place: place{a.TableName, k[store.HashAttribute].S, k[store.SortAttribute].S}, inTransaction: inTransaction}
	}
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem":
		return []written{one(&doc.action, false)}, nil
	}
	var all []written
	for _, t := range doc.TransactItems {
		for _, a := range []*action{t.Put, t.Update, t.Delete, t.ConditionCheck} {
			if a != nil {
				w := one(a, true)
				w.checks = a == t.ConditionCheck
				all = append(all, w)
			}
		}
	}
	return all, nil
}

// indexUnits are what a change of an item takes in the indexes, which hold whole items.
func indexUnits(before, after stored) (units int) {
	for _, i := range store.Indexes() {
		was, is := entry(before, i), entry(after, i)
		switch {
		case was == nil && is == nil, is != nil && was != nil && reflect.DeepEqual(before, after):
		case was == nil:
			units += begun(itemSize(after))
		case is == nil:
			units += begun(itemSize(before))
		case !reflect.DeepEqual(was, is):
			units += begun(itemSize(before)) + begun(itemSize(after))
		default:
			units += begun(max(itemSize(before), itemSize(after)))
		}
	}
	return units
}

// entry are the keys that an item has in an index, or nil.
func entry(item stored, i store.Index) []types.AttributeValue {
	hash, sort := item[i.Hash], item[i.Sort]
	if hash == nil || sort == nil {
		return nil
	}
	return []types.AttributeValue{hash, sort}
}

// begun are the units of so many bytes.
func begun(bytes int) int { return (bytes + 1023) / 1024 }

// itemSize is the size of an item in bytes: its attributes' names and values.
func itemSize(item stored) (n int) {
	for name, v := range item {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) (n int) {
	const nested, element = 3, 1 // bytes that a list or a map takes, and each thing in it
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return (len(strings.Trim(v.Value, "-0."))+1)/2 + 1
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += len(s)
		}
		return n
	case *types.AttributeValueMemberL:
		for _, e := range v.Value {
			n += element + valueSize(e)
		}
		return n + nested
	case *types.AttributeValueMemberM:
		return itemSize(v.Value) + element*len(v.Value) + nested
	default: // true, false and null
		return 1
	}
}

// writes reports whether requests of an operation write.
func writes(r *http.Request) bool {
	name := operation(r)
	return !strings.Contains(name, "Get") && name != "Query" && name != "Scan"
}
