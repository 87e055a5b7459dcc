// Package prove tries to break the whole: with random histories against a model, with
// faults at every call, with many clients at once, with hostile input. Each folder below
// is one way of trying. All have a short form for every day and a long one for make prove.
package prove

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	formVariable    = "NEMO_PROVE"
	summaryVariable = "NEMO_PROVE_SUMMARY" // the file of the summary
)

// Long reports whether this is the long form.
func Long() bool { return os.Getenv(formVariable) == "long" }

// ShortForm is the environment for a program that is not to try at length, nor to count.
func ShortForm() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, formVariable) })
}

// Times is how often to try: short or long, by the form.
func Times(short, long int) int {
	if Long() {
		return long
	}
	return short
}

// Count tells the summary of make prove that n of something were tried, such as 50 steps.
func Count(t testing.TB, n int, what string) {
	t.Helper()
	t.Logf("tried %d %s", n, what)
	path := os.Getenv(summaryVariable)
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%d\t%s\n", n, what); err != nil {
		t.Fatal(err)
	}
}
