package apitest

import (
	"context"
	"errors"
	"maps"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one as it lies in the table.
type Item = map[string]types.AttributeValue

// Copied is an item with other texts in it, and in the names of its maps: each text that is
// named first becomes the next. What the program wrote once is so cast a thousand times, in
// the shape that the program reads.
func Copied(of Item, texts ...string) Item {
	change, c := strings.NewReplacer(texts...), maps.Clone(of)
	for name, v := range c {
		c[name] = changed(v, change)
	}
	return c
}

func changed(v types.AttributeValue, change *strings.Replacer) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: change.Replace(v.Value)}
	case *types.AttributeValueMemberM:
		c := make(Item, len(v.Value))
		for name, part := range v.Value {
			c[change.Replace(name)] = changed(part, change)
		}
		return &types.AttributeValueMemberM{Value: c}
	default:
		return v
	}
}

// fillers is how many batches are written at once, and perBatch what DynamoDB takes in one.
const (
	fillers  = 8
	perBatch = 25
)

// Fill writes all items that produce adds, many at the same time. No condition guards them.
func (w *World) Fill(produce func(add func(Item))) {
	w.Helper()
	var writing sync.WaitGroup
	batches, errs := newBatches(), [fillers]error{}
	for i := range fillers {
		writing.Go(func() {
			for batch := range batches.full {
				errs[i] = errors.Join(errs[i], w.write(batch))
			}
		})
	}
	produce(batches.add)
	batches.end()
	writing.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		w.Fatal(err)
	}
}

// batches are items on their way to the table.
type batches struct {
	full chan []types.WriteRequest
	next []types.WriteRequest
}

func newBatches() *batches { return &batches{full: make(chan []types.WriteRequest, fillers)} }

func (b *batches) add(i Item) {
	b.next = append(b.next, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
	if len(b.next) == perBatch {
		b.full <- b.next
		b.next = nil
	}
}

func (b *batches) end() {
	if len(b.next) > 0 {
		b.full <- b.next
	}
	close(b.full)
}

func (w *World) write(batch []types.WriteRequest) error {
	for len(batch) > 0 {
		out, err := w.DB.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{w.Table: batch},
		})
		if err != nil {
			return err
		}
		batch = out.UnprocessedItems[w.Table]
	}
	return nil
}
