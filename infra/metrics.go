package main

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	embedded "github.com/nemorouter/nemo-team/internal/metric"
	spending "github.com/nemorouter/nemo-team/internal/spend"
)

// p99 is how long the slowest of a hundred runs takes.
func (f function) p99() awscloudwatch.Metric {
	return f.MetricDuration(&awscloudwatch.MetricOptions{Statistic: jsii.String("p99"), Label: jsii.String(f.name)})
}

// good counts the runs of a scheduled function that did not fail.
func (d *deployment) good(f function) awscloudwatch.IMetric {
	period := minutes(d.sweepEvery)
	each := &awscloudwatch.MetricOptions{Period: period, Statistic: jsii.String("Sum")}
	return awscloudwatch.NewMathExpression(&awscloudwatch.MathExpressionProps{
		Expression: jsii.String("FILL(runs, 0) - FILL(failed, 0)"), Label: jsii.String("good runs"), Period: period,
		UsingMetrics: &map[string]awscloudwatch.IMetric{"runs": f.MetricInvocations(each), "failed": f.MetricErrors(each)},
	})
}

// differences are the sums that a daily run found to be other than their events.
func (f function) differences() awscloudwatch.IMetric {
	of := map[string]*string{spending.DifferencesOf: f.FunctionName()}
	return metric(embedded.Namespace, spending.DifferencesMetric, "Sum", of).With(&awscloudwatch.MetricOptions{Period: minutes(24 * time.Hour)})
}

// metric is one of the HTTP API's.
func (a api) metric(name, statistic string) awscloudwatch.Metric {
	return metric("AWS/ApiGateway", name, statistic, map[string]*string{"ApiId": a.AttrApiId()})
}

// reputation is one of the rates by which SES judges the whole account.
func reputation(name string) awscloudwatch.Metric {
	return metric("AWS/SES", "Reputation."+name, "Maximum", nil)
}

func metric(namespace, name, statistic string, dimensions map[string]*string) awscloudwatch.Metric {
	props := &awscloudwatch.MetricProps{
		Namespace: jsii.String(namespace), MetricName: jsii.String(name), Statistic: jsii.String(statistic), Period: minutes(alarmPeriod),
	}
	if dimensions != nil {
		props.DimensionsMap = &dimensions
	}
	return awscloudwatch.NewMetric(props)
}
