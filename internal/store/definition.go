package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Attributes of the table's own.
const (
	HashAttribute = "pk"
	SortAttribute = "sk"
	TTLAttribute  = "ttl" // seconds since the epoch
)

// Index is one global secondary index, which projects all attributes.
type Index struct {
	Name, Hash, Sort string
	NumberSort       bool // the sort key is a number, else a string
}

// Indexes are all indexes. The deployment and CreateTable make the table from them.
func Indexes() []Index {
	var out []Index
	for _, i := range []index{byTeam, byKind, byName, byUser, byTarget, byDue} {
		out = append(out, Index{Name: i.name, Hash: i.hash, Sort: i.sort, NumberSort: i == byDue})
	}
	return out
}

// CreateTable creates the table, for development and tests. An existing one is left alone.
func CreateTable(ctx context.Context, db *dynamodb.Client, name string) error {
	return CreateTableWith(ctx, db, name, Indexes())
}

// CreateTableWith creates the table with some of its indexes, for tests that know which they need.
func CreateTableWith(ctx context.Context, db *dynamodb.Client, name string, indexes []Index) error {
	in := &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{attribute(HashAttribute, false), attribute(SortAttribute, false)},
		KeySchema:            schema(HashAttribute, SortAttribute),
	}
	for _, i := range indexes {
		in.AttributeDefinitions = append(in.AttributeDefinitions, attribute(i.Hash, false), attribute(i.Sort, i.NumberSort))
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(i.Name),
			KeySchema:  schema(i.Hash, i.Sort),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		})
	}
	_, err := db.CreateTable(ctx, in)
	if exists := (*types.ResourceInUseException)(nil); errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return err
	}
	return awaitTable(ctx, db, name)
}

func awaitTable(ctx context.Context, db *dynamodb.Client, name string) error {
	w := dynamodb.NewTableExistsWaiter(db, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 100 * time.Millisecond })
	return w.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(name)}, time.Minute)
}

func schema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
	}
}

func attribute(name string, number bool) types.AttributeDefinition {
	kind := types.ScalarAttributeTypeS
	if number {
		kind = types.ScalarAttributeTypeN
	}
	return types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: kind}
}
