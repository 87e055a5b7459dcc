package wiring

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// A prefix that keys cannot have ends the program at its start, with a line that names the
// variable.
func TestKeyPrefix_refusedAtStart(t *testing.T) {
	if os.Getenv("NEMO_TEST_STARTS") != "" {
		New().Keys()
		return
	}
	for prefix, good := range map[string]bool{"": true, "sk-acme-": true, "acme-": false, "sk-acme": false, "sk-Acme-": false} {
		start := exec.Command(os.Args[0], "-test.run=^TestKeyPrefix_refusedAtStart$")
		start.Env = append(os.Environ(), "NEMO_TEST_STARTS=1", "NEMO_KEY_PREFIX="+prefix, "NEMO_TABLE=none", "AWS_REGION=eu-central-1")
		out, err := start.CombinedOutput()
		if (err == nil) != good || good == strings.Contains(string(out), "NEMO_KEY_PREFIX is no good") {
			t.Errorf("%q: %v\n%s", prefix, err, out)
		}
	}
}
