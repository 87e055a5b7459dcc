// Package faults_test cuts every operation at every one of its calls to DynamoDB and SES,
// in every way in which a call can fail, and then does what a caller would: try again.
package faults_test

import (
	"flag"
	"log/slog"
	"testing"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// These tests mostly wait, for retries that back off: more of them run at once than there
// are processors.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	slog.SetDefault(slog.New(slog.DiscardHandler)) // faults are logged by the thousand
	apitest.Main(m)
}
