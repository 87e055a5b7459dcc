package main

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// and returns both lists.
func (n names) and(more ...string) names { return append(slices.Clone(n), more...) }

// and returns what either grants.
func (m may) and(more may) may {
	both := may{}
	for _, part := range []may{m, more} {
		for action, partitions := range part {
			both[action] = append(slices.Clone(both[action]), partitions...)
		}
	}
	return both
}

// mails reports whether the function sends any.
func (r row) mails() bool { return slices.Contains(r.env, "NEMO_MAIL_FROM") }

// tableGrants are the row's statements: one for each action, which holds it to the
// partitions that it is for, one for the indexes, and one that protects the audit trail.
func (r row) tableGrants(tableARN string) []awsiam.PolicyStatement {
	var statements []awsiam.PolicyStatement
	for _, action := range sortedKeys(r.table) {
		statements = append(statements, allow(action, []string{"dynamodb:" + action}, []string{tableARN}, leadingKeys("ForAllValues", r.table[action])))
	}
	if len(r.indexes) > 0 {
		var arns []string
		for _, index := range r.indexes {
			arns = append(arns, tableARN+"/index/"+index)
		}
		statements = append(statements, allow("QueryIndexes", []string{"dynamodb:" + query}, arns, nil))
	}
	if len(r.table) > 0 {
		statements = append(statements, auditProtection(tableARN))
	}
	return statements
}

// auditProtection denies every change to audit entries, whatever else a row may come to
// grant. Overwriting by PutItem is not to be told from adding; it is granted for adding,
// and the store puts entries only where there are none.
func auditProtection(tableARN string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("AuditIsAppendOnly"), Effect: awsiam.Effect_DENY,
		Actions:    jsii.Strings("dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:PartiQLUpdate", "dynamodb:PartiQLDelete"),
		Resources:  jsii.Strings(tableARN),
		Conditions: leadingKeys("ForAnyValue", []string{audit}),
	})
}

// leadingKeys is a condition on the partition keys of a request.
func leadingKeys(quantifier string, prefixes []string) *map[string]any {
	patterns := make([]string, len(prefixes))
	for i, prefix := range prefixes {
		patterns[i] = prefix + "*"
	}
	slices.Sort(patterns)
	return &map[string]any{quantifier + ":StringLike": map[string]any{"dynamodb:LeadingKeys": patterns}}
}

// keyGrants let the function's calls to DynamoDB use the table's key, and nothing else use it.
func keyGrants(keyARN, region string) awsiam.PolicyStatement {
	return allow("UseTheTablesKey",
		[]string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"},
		[]string{keyARN},
		&map[string]any{"StringEquals": map[string]any{"kms:ViaService": "dynamodb." + region + ".amazonaws.com"}})
}

// allow is a statement. Sids tell readers of a role what each is for.
func allow(sid string, actions, resources []string, conditions *map[string]any) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String(sid), Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...), Conditions: conditions,
	})
}
