package main

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/nemorouter/nemo-team/internal/store"
)

type props = map[string]any

func TestTable_isTheStores(t *testing.T) {
	table := prod.resources["Table"]
	var keys, indexes []string
	for _, i := range store.Indexes() {
		indexes = append(indexes, i.Name+" "+i.Hash+" "+i.Sort)
	}
	for _, v := range table.Properties["GlobalSecondaryIndexes"].([]any) {
		i := v.(props)
		schema := i["KeySchema"].([]any)
		keys = append(keys, i["IndexName"].(string)+" "+schema[0].(props)["AttributeName"].(string)+" "+schema[1].(props)["AttributeName"].(string))
		if flat(i["Projection"]) != `{"ProjectionType":"ALL"}` {
			t.Errorf("%s projects %s", i["IndexName"], flat(i["Projection"]))
		}
	}
	if strings.Join(keys, "\n") != strings.Join(indexes, "\n") {
		t.Errorf("the indexes are\n%s, want\n%s", strings.Join(keys, "\n"), strings.Join(indexes, "\n"))
	}
	if got := flat(table.Properties["KeySchema"]); got != `[{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"sk","KeyType":"RANGE"}]` {
		t.Error(got)
	}
	if !strings.Contains(flat(table.Properties["AttributeDefinitions"]), `{"AttributeName":"due_at","AttributeType":"N"}`) {
		t.Error("due_at is no number")
	}
}

func TestTable_isKeptWhereItMatters(t *testing.T) {
	for name, c := range map[string]struct {
		made
		deletion  string
		protected bool
	}{"prod": {prod, "Retain", true}, "dev": {dev, "Delete", false}} {
		table := c.resources["Table"]
		if table.DeletionPolicy != c.deletion || table.UpdateReplacePolicy != c.deletion || (table.Properties["DeletionProtectionEnabled"] == true) != c.protected {
			t.Errorf("%s: %s, %s, %v", name, table.DeletionPolicy, table.UpdateReplacePolicy, table.Properties)
		}
		if flat(table.Properties["PointInTimeRecoverySpecification"]) != `{"PointInTimeRecoveryEnabled":true}` {
			t.Errorf("%s: no point-in-time recovery", name)
		}
		if table.Properties["BillingMode"] != "PAY_PER_REQUEST" || flat(table.Properties["TimeToLiveSpecification"]) != `{"AttributeName":"ttl","Enabled":true}` {
			t.Errorf("%s: %v", name, table.Properties)
		}
	}
	if !strings.Contains(flat(full.resources["Table"].Properties), "arn:aws:kms:eu-west-1:123456789012:key/0a1b") {
		t.Error("the table is not encrypted with its key")
	}
}

func TestFunctions(t *testing.T) {
	for _, r := range rows {
		p := prod.function(t, r.name).Properties
		if flat(p["Architectures"]) != `["arm64"]` || p["Runtime"] != "provided.al2023" || p["Handler"] != "bootstrap" ||
			flat(p["TracingConfig"]) != `{"Mode":"Active"}` || !strings.Contains(flat(p["LoggingConfig"]), `"LogFormat":"JSON","LogGroup":`) ||
			p["MemorySize"] != float64(r.memory) || p["Timeout"] != r.timeout.Seconds() {
			t.Errorf("%s: %v", r.name, p)
		}
		if reserved := p["ReservedConcurrentExecutions"]; (reserved == float64(1)) != (r.on == schedule) {
			t.Errorf("%s: reserved concurrency %v", r.name, reserved)
		}
		if full.function(t, r.name).Properties["ReservedConcurrentExecutions"] != nil {
			t.Errorf("%s reserves concurrency although it may not", r.name)
		}
	}
	for id, logs := range prod.ofType("AWS::Logs::LogGroup") {
		if logs.Properties["RetentionInDays"] != float64(90) {
			t.Errorf("%s keeps its lines for %v days", id, logs.Properties["RetentionInDays"])
		}
	}
}

func TestAPI_logsNoPaths(t *testing.T) {
	for _, stage := range prod.ofType("AWS::ApiGatewayV2::Stage") {
		format := flat(stage.Properties["AccessLogSettings"].(props)["Format"])
		if !strings.Contains(format, "$context.routeKey") {
			t.Error("the route is not logged")
		}
		for _, secret := range []string{"$context.path", "rawPath", "$context.customDomain", "header", "querystring"} {
			if strings.Contains(format, secret) {
				t.Errorf("%s is logged", secret)
			}
		}
		if flat(stage.Properties["DefaultRouteSettings"]) != `{"ThrottlingBurstLimit":2000,"ThrottlingRateLimit":1000}` {
			t.Errorf("throttling is %s", flat(stage.Properties["DefaultRouteSettings"]))
		}
	}
}

func TestAPI_options(t *testing.T) {
	for name, c := range map[string]struct {
		made
		cors, domains int
	}{"prod": {prod, 0, 0}, "full": {full, 1, 1}} {
		if got := strings.Count(c.text, `"CorsConfiguration"`); got != c.cors {
			t.Errorf("%s: CORS %d times", name, got)
		}
		if got := len(c.ofType("AWS::ApiGatewayV2::ApiMapping")); got != c.domains {
			t.Errorf("%s: %d domains", name, got)
		}
	}
	full.HasResourceProperties(jsii.String("AWS::ApiGatewayV2::DomainName"), props{"DomainName": "team.acme.com"})
	env := dev.function(t, "invite").Properties["Environment"]
	if got := flat(env.(props)["Variables"].(props)["NEMO_PUBLIC_URL"]); got != `{"Fn::GetAtt":["Api","ApiEndpoint"]}` {
		t.Errorf("the public URL is %s", got)
	}
}

func TestSchedule(t *testing.T) {
	for name, c := range map[string]struct {
		made
		every   string
		timeout float64
	}{"prod": {prod, "rate(5 minutes)", 290}, "full": {full, "rate(1 minute)", 50}} {
		for _, s := range c.ofType("AWS::Scheduler::Schedule") {
			target := s.Properties["Target"].(props)
			if strings.Contains(flat(target["Arn"]), "reconcile") && s.Properties["ScheduleExpression"] == "rate(1 day)" {
				continue
			}
			if s.Properties["ScheduleExpression"] != c.every || !strings.Contains(flat(target["DeadLetterConfig"]), "DeadLetters") || !strings.Contains(flat(target["Arn"]), "expire") {
				t.Errorf("%s: %v", name, s.Properties)
			}
		}
		if got := c.function(t, "expire").Properties["Timeout"]; got != c.timeout {
			t.Errorf("%s: a sweep may take %v s", name, got)
		}
	}
	prod.ResourceCountIs(jsii.String("AWS::Scheduler::Schedule"), jsii.Number(2))
}

func TestMail_comesBack(t *testing.T) {
	prod.HasResourceProperties(jsii.String("AWS::SES::ConfigurationSetEventDestination"), props{
		"EventDestination": props{"Enabled": true, "MatchingEventTypes": []any{"bounce", "complaint"}, "SnsDestination": assertions.Match_AnyValue()},
	})
	prod.HasResourceProperties(jsii.String("AWS::SNS::Subscription"), props{
		"Protocol": "lambda", "RedrivePolicy": assertions.Match_AnyValue(),
	})
	prod.HasResourceProperties(jsii.String("AWS::SNS::Topic"), props{"SignatureVersion": "2"})
	prod.HasResourceProperties(jsii.String("AWS::SES::EmailIdentity"), props{"EmailIdentity": "mail.acme.com"})
	full.ResourceCountIs(jsii.String("AWS::SES::EmailIdentity"), jsii.Number(0))
	prod.AllResourcesProperties(jsii.String("AWS::Lambda::EventInvokeConfig"), props{
		"DestinationConfig": props{"OnFailure": props{"Destination": assertions.Match_AnyValue()}},
	})
}

func TestAlarms(t *testing.T) {
	about := map[string]bool{}
	for id, a := range prod.ofType("AWS::CloudWatch::Alarm") {
		about[flat(a.Properties["AlarmDescription"])] = true
		if len(list(a.Properties["AlarmActions"])) != 1 || !strings.Contains(flat(a.Properties["AlarmActions"]), "Alarms") {
			t.Errorf("%s tells nobody", id)
		}
	}
	for _, r := range rows {
		for _, what := range []string{" fails", " is held back", " is slow"} {
			if !about["nemo-team prod: "+r.name+what] {
				t.Errorf("nobody is told that %s%s", r.name, what)
			}
		}
	}
	for _, what := range []string{
		"invitations are neither expired nor sent again", "requests are answered with 5xx",
		"sums of spend are not what their events add up to", "events are left that nothing could be done with", "too many mails bounce", "too many mails are complained about",
	} {
		if !about["nemo-team prod: "+what] {
			t.Errorf("nobody is told that %s", what)
		}
	}
	full.HasResourceProperties(jsii.String("AWS::SNS::Subscription"), props{"Protocol": "email", "Endpoint": "ops@acme.com"})
	prod.ResourceCountIs(jsii.String("AWS::CloudWatch::Dashboard"), jsii.Number(1))
}

func TestOutputs(t *testing.T) {
	for _, name := range []string{"ApiUrl", "TableName", "AlarmTopic", "SenderRecord1", "SenderRecord2", "SenderRecord3"} {
		if prod.outputs[name] == nil {
			t.Errorf("there is no output %s", name)
		}
	}
	if full.outputs["DomainTarget"] == nil || full.outputs["SenderRecord1"] != nil {
		t.Errorf("got %v", full.outputs)
	}
}
