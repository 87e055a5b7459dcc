package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// newDashboard makes the one dashboard, from what people notice down to what it costs.
func (d *deployment) newDashboard() {
	awscloudwatch.NewDashboard(d.stack, jsii.String("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: jsii.String("nemo-team-" + d.stage),
		Widgets: &[]*[]awscloudwatch.IWidget{
			row2(
				graph("Requests", d.api.metric("Count", "Sum"), d.api.metric("4xx", "Sum"), d.api.metric("5xx", "Sum")),
				graph("Latency, ms", d.api.metric("Latency", "p50"), d.api.metric("Latency", "p99")),
			),
			row2(
				graph("Failures", d.each(func(f function) awscloudwatch.IMetric { return labelled(f.MetricErrors(nil), f.name) })...),
				graph("p99 by function, ms", d.each(func(f function) awscloudwatch.IMetric { return f.p99() })...),
			),
			row2(
				graph("Held back", append(d.each(func(f function) awscloudwatch.IMetric { return labelled(f.MetricThrottles(nil), f.name) }),
					d.ofTable("ReadThrottleEvents"), d.ofTable("WriteThrottleEvents"))...),
				graph("Runs by function", d.each(func(f function) awscloudwatch.IMetric { return labelled(f.MetricInvocations(nil), f.name) })...),
			),
			row2(
				graph("Table capacity", d.ofTable("ConsumedReadCapacityUnits"), d.ofTable("ConsumedWriteCapacityUnits")),
				graph("Conflicts and refused conditions", d.ofTable("TransactionConflict"), d.ofTable("ConditionalCheckFailedRequests")),
			),
			row2(
				graph("Bounces and complaints, rates", reputation("BounceRate"), reputation("ComplaintRate")),
				graph("Dead letters", d.deadLetters.MetricApproximateNumberOfMessagesVisible(nil)),
			),
		},
	})
}

func row2(left, right awscloudwatch.IWidget) *[]awscloudwatch.IWidget {
	return &[]awscloudwatch.IWidget{left, right}
}

// graph is half as wide as the dashboard.
func graph(title string, metrics ...awscloudwatch.IMetric) awscloudwatch.IWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: jsii.String(title), Width: jsii.Number(12), Left: &metrics,
	})
}

// each is one metric of every function.
func (d *deployment) each(of func(function) awscloudwatch.IMetric) []awscloudwatch.IMetric {
	var metrics []awscloudwatch.IMetric
	for _, f := range d.functions {
		metrics = append(metrics, of(f))
	}
	return metrics
}

func labelled(m awscloudwatch.Metric, label string) awscloudwatch.IMetric {
	return m.With(&awscloudwatch.MetricOptions{Label: jsii.String(label)})
}

func (d *deployment) ofTable(name string) awscloudwatch.IMetric {
	return metric("AWS/DynamoDB", name, "Sum", map[string]*string{"TableName": d.table.TableName()})
}
