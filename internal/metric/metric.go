// Package metric counts things in CloudWatch by writing log lines in its embedded metric
// format: no call, no wait, nothing to fail.
package metric

import (
	"encoding/json"
	"io"
	"time"
)

// Namespace of all metrics.
const Namespace = "nemo-team"

// Counter counts events by one dimension.
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
	line, err := json.Marshal(map[string]any{
		"_aws": map[string]any{
			"Timestamp": now.UnixMilli(),
			"CloudWatchMetrics": []any{map[string]any{
				"Namespace":  Namespace,
				"Dimensions": [][]string{{c.Dimension}},
				"Metrics":    []any{map[string]string{"Name": c.Name, "Unit": "Count"}},
			}},
		},
		c.Dimension: value,
		c.Name:      n,
	})
	if err != nil {
		panic("metric: " + err.Error()) // only names and numbers
	}
	c.W.Write(append(line, '\n')) // a lost line is a lost count, and no more
}
