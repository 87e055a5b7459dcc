package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/nemorouter/nemo-team/internal/store"
)

// newTable makes the table from the definition that development and tests use too.
func newTable(stack awscdk.Stack, s settings) awsdynamodb.Table {
	key, encryption := tableKey(stack, s)
	table := awsdynamodb.NewTable(stack, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        attribute(store.HashAttribute, false),
		SortKey:             attribute(store.SortAttribute, false),
		TimeToLiveAttribute: jsii.String(store.TTLAttribute),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          encryption,
		EncryptionKey:       key,
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(true),
		},
		DeletionProtection: jsii.Bool(s.production()),
		RemovalPolicy:      s.removal(),
	})
	for _, i := range store.Indexes() {
		table.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
			IndexName:      jsii.String(i.Name),
			PartitionKey:   attribute(i.Hash, false),
			SortKey:        attribute(i.Sort, i.NumberSort),
			ProjectionType: awsdynamodb.ProjectionType_ALL,
		})
	}
	// Another logical id is another, empty table: this one must survive any rearrangement
	// of the constructs around it.
	table.Node().DefaultChild().(awsdynamodb.CfnTable).OverrideLogicalId(jsii.String("Table"))
	return table
}

func attribute(name string, number bool) *awsdynamodb.Attribute {
	kind := awsdynamodb.AttributeType_STRING
	if number {
		kind = awsdynamodb.AttributeType_NUMBER
	}
	return &awsdynamodb.Attribute{Name: jsii.String(name), Type: kind}
}

// tableKey is DynamoDB's own, which costs nothing, unless there is another.
func tableKey(stack awscdk.Stack, s settings) (awskms.IKey, awsdynamodb.TableEncryption) {
	if s.tableKey == "" {
		return nil, awsdynamodb.TableEncryption_DEFAULT
	}
	key := awskms.Key_FromKeyArn(stack, jsii.String("TableKey"), jsii.String(s.tableKey))
	return key, awsdynamodb.TableEncryption_CUSTOMER_MANAGED
}

// removal is what becomes of data when its stack goes.
func (s settings) removal() awscdk.RemovalPolicy {
	if s.production() {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}
