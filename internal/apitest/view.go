package apitest

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// View is a table as it is after each step of a long story, at the cost of the step and not
// of the table: whatever is written goes over the world's wire, so the items that a step
// wrote, or may have written, are known, and those alone are read again. Reads are strongly
// consistent, and go around whatever is wrong with the wire.
type View struct {
	world *World
	db    *dynamodb.Client
	rows  map[itemKey]Row
	books Books // the rows, sorted
}

// itemKey addresses one item.
type itemKey struct{ PK, SK string }

// View returns a view of the world's table, which must have nothing in it that was not
// written through the view's wire since.
func (w *World) View() *View {
	w.Wire.forget()
	return &View{w, client(w.Wire.beside()), map[itemKey]Row{}, sorted(nil)}
}

// maxRead is how many items BatchGetItem reads at once.
const maxRead = 100

// Refresh reads again what was written since, and returns it; what is gone is left out. It
// reports whether anything may be other than it was.
func (v *View) Refresh() (found []Row, written bool) {
	keys := v.world.Wire.forget()
	if len(keys) == 0 {
		return nil, false
	}
	for _, k := range keys {
		delete(v.rows, k)
	}
	for some := range slices.Chunk(keys, maxRead) {
		found = append(found, v.read(some)...)
	}
	for _, r := range found {
		v.rows[itemKey{r.Text("pk"), r.Text("sk")}] = r
	}
	v.books = sorted(v.Rows())
	return found, true
}

func (v *View) read(keys []itemKey) (rows []Row) {
	in := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
	for _, k := range keys {
		in.Keys = append(in.Keys, k.attributes())
	}
	for len(in.Keys) > 0 {
		out, err := v.db.BatchGetItem(context.Background(), &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{v.world.Table: in},
		})
		if err != nil {
			v.world.Fatal(err)
		}
		var some []Row
		if err := attributevalue.UnmarshalListOfMaps(out.Responses[v.world.Table], &some); err != nil {
			v.world.Fatal(err)
		}
		rows, in.Keys = append(rows, some...), out.UnprocessedKeys[v.world.Table].Keys
	}
	return rows
}

// Rows are all that the view holds.
func (v *View) Rows() []Row { return slices.Collect(maps.Values(v.rows)) }

// Books are the rows, sorted.
func (v *View) Books() Books { return v.books }

func (k itemKey) attributes() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: k.PK}, "sk": &types.AttributeValueMemberS{Value: k.SK},
	}
}

// forget drops what was recorded of the calls since, and returns which items they wrote or
// may have written, each once.
func (w *Wire) forget() (written []itemKey) {
	w.mu.Lock()
	calls := w.calls
	w.calls, w.viewed = nil, true
	w.mu.Unlock()
	seen := map[itemKey]bool{}
	for _, c := range calls {
		for _, k := range c.writes() {
			if !seen[k] {
				seen[k] = true
				written = append(written, k)
			}
		}
	}
	return written
}

// keyed is a write as it goes over the wire, as far as it says what it writes.
type keyed struct {
	Key, Item struct{ PK, SK struct{ S string } }
}

// writes are the items that a call wrote, or may have: not those of one that was refused.
func (c Call) writes() (written []itemKey) {
	if c.idle {
		return nil
	}
	var one keyed
	var many struct {
		TransactItems []struct{ Put, Update, Delete keyed }
	}
	switch c.Operation {
	case "UpdateItem", "PutItem", "DeleteItem":
		mustDecode(c.Body, &one)
		return one.add(nil)
	case "TransactWriteItems":
		mustDecode(c.Body, &many)
		for _, i := range many.TransactItems {
			written = i.Delete.add(i.Update.add(i.Put.add(written)))
		}
	}
	return written
}

func (k keyed) add(to []itemKey) []itemKey {
	for _, at := range []itemKey{{k.Key.PK.S, k.Key.SK.S}, {k.Item.PK.S, k.Item.SK.S}} {
		if at.PK != "" {
			to = append(to, at)
		}
	}
	return to
}

func mustDecode(body []byte, into any) {
	if err := json.NewDecoder(bytes.NewReader(body)).Decode(into); err != nil {
		panic("apitest: the SDK sent what is no JSON: " + err.Error())
	}
}
