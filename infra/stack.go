package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// deployment is one stage in the making.
type deployment struct {
	settings
	stack       awscdk.Stack
	table       awsdynamodb.Table
	api         api
	mail        mail
	deadLetters awssqs.Queue
	functions   []function
}

// newStack makes everything of one stage. It names neither account nor region, so that it
// can be made anywhere; the command line tool fills them in.
func newStack(app constructs.Construct, s settings) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String("nemo-team-"+s.stage), &awscdk.StackProps{
		Description:           jsii.String("nemo-team: team management for an LLM gateway, stage " + s.stage),
		TerminationProtection: jsii.Bool(s.production()),
		Tags:                  &map[string]*string{"application": jsii.String("nemo-team"), "stage": jsii.String(s.stage)},
	})
	d := &deployment{
		settings: s, stack: stack,
		table: newTable(stack, s), api: newAPI(stack, s), mail: newMail(stack, s), deadLetters: newDeadLetters(stack),
	}
	for _, r := range rows {
		d.functions = append(d.functions, d.newFunction(r))
	}
	d.route()
	d.schedule()
	d.listen()
	d.watch()
	d.output("ApiUrl", *d.api.AttrApiEndpoint(), "Where the API answers")
	d.output("TableName", *d.table.TableName(), "The table")
	return stack
}

// triggered are the functions that run on t.
func (d *deployment) triggered(t trigger) []function {
	var found []function
	for _, f := range d.functions {
		if f.on == t {
			found = append(found, f)
		}
	}
	return found
}

func (d *deployment) output(name, value, description string) {
	awscdk.NewCfnOutput(d.stack, jsii.String(name), &awscdk.CfnOutputProps{
		Value: jsii.String(value), Description: jsii.String(description),
	})
}

// newDeadLetters makes the queue of events that nothing could be done with.
func newDeadLetters(stack awscdk.Stack) awssqs.Queue {
	return awssqs.NewQueue(stack, jsii.String("DeadLetters"), &awssqs.QueueProps{
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
}
