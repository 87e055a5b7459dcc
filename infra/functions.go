package main

import (
	"maps"
	"path/filepath"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// function is a row that has been made.
type function struct {
	row
	awslambda.Function
}

// newFunction makes one function, with a role of its own that holds the row's grants.
func (d *deployment) newFunction(r row) function {
	if r.on == schedule {
		r.timeout = min(r.timeout, d.sweepEvery-10*time.Second) // two never meet
	}
	logs := d.newLogs(r.name+"Logs", nil)
	f := awslambda.NewFunction(d.stack, jsii.String(r.name), &awslambda.FunctionProps{
		Description:                  jsii.String("nemo-team: " + r.name),
		Runtime:                      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:                 awslambda.Architecture_ARM_64(),
		Handler:                      jsii.String("bootstrap"),
		Code:                         awslambda.Code_FromAsset(jsii.String(filepath.Join(d.dist, r.name)), nil),
		MemorySize:                   jsii.Number(float64(r.memory)),
		Timeout:                      seconds(r.timeout),
		Environment:                  d.environment(r),
		Role:                         d.newRole(r, logs),
		LogGroup:                     logs,
		LoggingFormat:                awslambda.LoggingFormat_JSON,
		Tracing:                      awslambda.Tracing_ACTIVE,
		ReservedConcurrentExecutions: d.reserved(r),
	})
	return function{r, f}
}

// reserved is 1 for what should not run twice: that would do no harm, and half the work.
func (d *deployment) reserved(r row) *float64 {
	if r.on == schedule && d.reserve {
		return jsii.Number(1)
	}
	return nil
}

// newRole makes a role with the row's grants and what every function needs.
func (d *deployment) newRole(r row, logs awslogs.LogGroup) awsiam.Role {
	role := awsiam.NewRole(d.stack, jsii.String(r.name+"Role"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description: jsii.String("nemo-team: what " + r.name + " may do"),
	})
	grants := r.tableGrants(*d.table.TableArn())
	grants = append(grants, allow("WriteLogs", []string{"logs:CreateLogStream", "logs:PutLogEvents"}, []string{*logs.LogGroupArn()}, nil))
	if d.tableKey != "" && len(r.table) > 0 {
		grants = append(grants, keyGrants(d.tableKey, *d.stack.Region()))
	}
	if r.mails() {
		grants = append(grants, d.mailGrant())
	}
	if r.on != requests {
		grants = append(grants, allow("LeaveDeadLetters", []string{"sqs:SendMessage"}, []string{*d.deadLetters.QueueArn()}, nil))
	}
	for _, g := range grants {
		role.AddToPolicy(g)
	}
	return role
}

// environment is the values of the variables that the row names.
func (d *deployment) environment(r row) *map[string]*string {
	values := map[string]string{
		"NEMO_TABLE":                 *d.table.TableName(),
		"NEMO_PUBLIC_URL":            d.api.publicURL(d.settings),
		"NEMO_MAIL_FROM":             d.mailFrom,
		"NEMO_SES_CONFIGURATION_SET": *d.mail.set.ConfigurationSetName(),
		"NEMO_FEEDBACK_TOPIC":        *d.mail.topic.TopicArn(),
	}
	maps.Copy(values, d.variables)
	env := map[string]*string{}
	for _, name := range r.env {
		if value, ok := values[name]; ok {
			env[name] = jsii.String(value)
		}
	}
	return &env
}

// retriedAsync is how often Lambda repeats an event that a function failed on.
const retriedAsync = 2

// oldestEvent is for how long Lambda keeps an event at most.
const oldestEvent = 6 * time.Hour

// keepFailures leaves events that a function failed on, after all retries, among the dead
// letters. An event older than maxAge is not tried again.
func (d *deployment) keepFailures(f function, maxAge time.Duration) {
	awslambda.NewCfnEventInvokeConfig(d.stack, jsii.String(f.name+"Failures"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             f.FunctionName(),
		Qualifier:                jsii.String("$LATEST"),
		MaximumRetryAttempts:     jsii.Number(retriedAsync),
		MaximumEventAgeInSeconds: jsii.Number(min(maxAge, oldestEvent).Seconds()),
		DestinationConfig: &awslambda.CfnEventInvokeConfig_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventInvokeConfig_OnFailureProperty{Destination: d.deadLetters.QueueArn()},
		},
	})
}

// newLogs makes a group that forgets; a nil name lets CloudFormation choose one.
func (d *deployment) newLogs(id string, name *string) awslogs.LogGroup {
	retention := awslogs.RetentionDays_TWO_WEEKS
	if d.production() {
		retention = awslogs.RetentionDays_THREE_MONTHS
	}
	return awslogs.NewLogGroup(d.stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: name, Retention: retention, RemovalPolicy: d.removal(),
	})
}

func seconds(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Seconds(jsii.Number(d.Seconds()))
}
