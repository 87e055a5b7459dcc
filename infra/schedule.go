package main

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/jsii-runtime-go"
)

const (
	// feedbackAge is how long a bounce is worth trying again.
	feedbackAge = 6 * time.Hour
	// scheduleRetries is how often the scheduler repeats a call that Lambda did not take.
	scheduleRetries = 3
)

// schedule runs what runs by the clock. What a run leaves undone is for the next one, so
// an event that is as old as the interval is not worth trying.
func (d *deployment) schedule() {
	for _, f := range d.triggered(schedule) {
		d.runEvery(d.sweepEvery, f)
	}
	for _, f := range d.triggered(daily) {
		d.runEvery(24*time.Hour, f)
	}
}

func (d *deployment) runEvery(interval time.Duration, f function) {
	awsscheduler.NewCfnSchedule(d.stack, jsii.String(f.name+"Schedule"), &awsscheduler.CfnScheduleProps{
		Description:        jsii.String("nemo-team: runs " + f.name),
		ScheduleExpression: jsii.String(every(interval)),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:              f.FunctionArn(),
			RoleArn:          d.schedulerRole(f).RoleArn(),
			DeadLetterConfig: &awsscheduler.CfnSchedule_DeadLetterConfigProperty{Arn: d.deadLetters.QueueArn()},
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{
				MaximumEventAgeInSeconds: jsii.Number(interval.Seconds()),
				MaximumRetryAttempts:     jsii.Number(scheduleRetries),
			},
		},
	})
	d.keepFailures(f, interval)
}

// schedulerRole lets the scheduler of this account invoke one function.
func (d *deployment) schedulerRole(f function) awsiam.Role {
	scheduler := awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": d.stack.Account()}},
	})
	role := awsiam.NewRole(d.stack, jsii.String(f.name+"SchedulerRole"), &awsiam.RoleProps{AssumedBy: scheduler})
	role.AddToPolicy(allow("Invoke", []string{"lambda:InvokeFunction"}, []string{*f.FunctionArn()}, nil))
	role.AddToPolicy(allow("LeaveDeadLetters", []string{"sqs:SendMessage"}, []string{*d.deadLetters.QueueArn()}, nil))
	return role
}

// every is an interval of whole minutes, or of a day, as the scheduler writes it.
func every(d time.Duration) string {
	switch d {
	case time.Minute:
		return "rate(1 minute)"
	case 24 * time.Hour:
		return "rate(1 day)"
	}
	return fmt.Sprintf("rate(%d minutes)", int(d.Minutes()))
}
