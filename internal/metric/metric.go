// Package metric counts things in CloudWatch by writing log lines in its embedded metric
// format: no call, no wait, nothing to fail.
package metric

import (
	"io"
	"strconv"
	"time"
)

// Namespace of all metrics.
const Namespace = "nemo-team"

// Counter counts events by one dimension. Names and values are plain ASCII words.
type Counter struct {
	W         io.Writer // standard output, which Lambda hands to CloudWatch
	Name      string    // of the metric
	Dimension string
}

// Add counts n events with the dimension's value at now. A nil W counts nothing.
func (c Counter) Add(now time.Time, value string, n int) {
	if c.W == nil {
		return
	}
	const usual = 256 // bytes
	b := make([]byte, 0, usual)
	b = strconv.AppendInt(append(b, `{"_aws":{"Timestamp":`...), now.UnixMilli(), 10)
	b = strconv.AppendQuote(append(b, `,"CloudWatchMetrics":[{"Namespace":"`+Namespace+`","Dimensions":[[`...), c.Dimension)
	b = strconv.AppendQuote(append(b, `]],"Metrics":[{"Name":`...), c.Name)
	b = strconv.AppendQuote(append(b, `,"Unit":"Count"}]}]},`...), c.Dimension)
	b = strconv.AppendQuote(append(b, ':'), value)
	b = strconv.AppendQuote(append(b, ','), c.Name)
	b = strconv.AppendInt(append(b, ':'), int64(n), 10)
	c.W.Write(append(b, "}\n"...)) // a lost line is a lost count, and no more
}
