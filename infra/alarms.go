package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"
)

const (
	// slowAnswer is when people notice.
	slowAnswer = 2 * time.Second
	// lateSweeps is how many sweeps in a row may fail or not happen.
	lateSweeps = 3
	// From these rates on SES looks at an account, and then stops its mail.
	bounceRate    = 0.05
	complaintRate = 0.001
	// alarmPeriod is what one value of an alarm's metric sums up.
	alarmPeriod = 5 * time.Minute
)

// watch makes the alarms, the topic that they all go to, and the dashboard.
func (d *deployment) watch() {
	topic := d.newAlarmTopic()
	alarm := func(id, meaning string, a alarm) {
		made := awscloudwatch.NewAlarm(d.stack, jsii.String(id+"Alarm"), &awscloudwatch.AlarmProps{
			AlarmDescription: jsii.String("nemo-team " + d.stage + ": " + meaning), Metric: a.metric,
			Threshold: jsii.Number(a.from), EvaluationPeriods: jsii.Number(max(a.periods, 1)),
			ComparisonOperator: a.comparison(), TreatMissingData: a.missing(),
		})
		made.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic))
		made.AddOkAction(awscloudwatchactions.NewSnsAction(topic))
	}
	for _, f := range d.functions {
		alarm(f.name+"Errors", f.name+" fails", alarmAt(f.MetricErrors(nil), 1))
		alarm(f.name+"Throttles", f.name+" is held back", alarmAt(f.MetricThrottles(nil), 1))
		alarm(f.name+"Slow", f.name+" is slow", alarmAt(f.p99(), milliseconds(f.slow())).after(3))
	}
	for _, f := range d.triggered(schedule) {
		alarm(f.name+"Late", "invitations are neither expired nor sent again", alarmBelow(d.good(f), 1).after(lateSweeps))
	}
	for _, f := range d.triggered(daily) {
		alarm(f.name+"Differences", "sums of spend are not what their events add up to", alarmAt(f.differences(), 1))
	}
	alarm("ServerErrors", "requests are answered with 5xx", alarmAt(d.api.metric("5xx", "Sum"), 1).after(2))
	alarm("DeadLetters", "events are left that nothing could be done with", alarmAt(d.deadLetters.MetricApproximateNumberOfMessagesVisible(nil), 1))
	alarm("Bounces", "too many mails bounce", alarmAt(reputation("BounceRate"), bounceRate))
	alarm("Complaints", "too many mails are complained about", alarmAt(reputation("ComplaintRate"), complaintRate))
	d.output("AlarmTopic", *topic.TopicArn(), "Where alarms are sent")
	d.newDashboard()
}

// newAlarmTopic makes the topic. With a policy of its own, CloudWatch must be let in.
func (d *deployment) newAlarmTopic() awssns.Topic {
	topic := awssns.NewTopic(d.stack, jsii.String("Alarms"), &awssns.TopicProps{EnforceSSL: jsii.Bool(true)})
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("OurAlarmsOnly"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": d.stack.Account()}},
	}))
	if d.alarmMail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(d.alarmMail), nil))
	}
	return topic
}

// alarm is a metric and where it is bad.
type alarm struct {
	metric  awscloudwatch.IMetric
	from    float64 // or, if below, under
	below   bool
	periods float64 // in a row; 0 means 1
}

func alarmAt(m awscloudwatch.IMetric, from float64) alarm { return alarm{metric: m, from: from} }

func alarmBelow(m awscloudwatch.IMetric, least float64) alarm {
	return alarm{metric: m, from: least, below: true}
}

func (a alarm) after(periods float64) alarm { a.periods = periods; return a }

func (a alarm) comparison() awscloudwatch.ComparisonOperator {
	if a.below {
		return awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
	}
	return awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
}

// missing is what it means that there is no value: nothing happened. Where something had
// to happen, that is bad.
func (a alarm) missing() awscloudwatch.TreatMissingData {
	if a.below {
		return awscloudwatch.TreatMissingData_BREACHING
	}
	return awscloudwatch.TreatMissingData_NOT_BREACHING
}

// slow is when a function takes too long: when people wait, or when it nearly runs out of
// time.
func (f function) slow() time.Duration {
	if f.on == requests {
		return slowAnswer
	}
	return f.timeout * 9 / 10
}

func milliseconds(d time.Duration) float64 { return float64(d.Milliseconds()) }

func minutes(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(d.Minutes()))
}
