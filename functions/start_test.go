package functions_test

import (
	"archive/zip"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

// BenchmarkStart shows what a cold start costs: for each function, built as it is deployed
// but for this machine, the size of its package and the time from exec to its first request
// for work, beside a function that does nothing. The medians of b.N starts are what counts.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	empty := deployable(b, dir, "empty", emptyFunction(b))
	names := []string{"empty"}
	binaryOf := map[string]string{"empty": empty}
	for _, name := range allFolders(b) {
		names = append(names, name)
		binaryOf[name] = deployable(b, dir, name, "./"+name)
	}
	var base float64
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			polls := make([]float64, b.N)
			for i := range polls {
				polls[i] = firstPoll(b, binaryOf[name])
			}
			slices.Sort(polls)
			median := polls[len(polls)/2]
			if name == "empty" {
				base = median
			}
			b.ReportMetric(0, "ns/op") // with the runtime's own stop, and so of no interest
			b.ReportMetric(median, "ms/start")
			b.ReportMetric(median/base, "×empty")
			b.ReportMetric(zippedMiB(b, binaryOf[name]), "MiB/zip")
		})
	}
}

func allFolders(b *testing.B) (names []string) {
	mains, err := filepath.Glob("*/main.go")
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range mains {
		names = append(names, filepath.Dir(m))
	}
	return names
}

// emptyFunction is the source of a function that does nothing, in a folder of this module
// so that it is built from the same library.
func emptyFunction(b *testing.B) string {
	b.Helper()
	source := `package main

import "github.com/aws/aws-lambda-go/lambda"

func main() { lambda.Start(func() error { return nil }) }
`
	file := filepath.Join(b.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

// deployable builds as `make build` does, for this machine.
func deployable(b *testing.B, dir, name, source string) string {
	b.Helper()
	binary := filepath.Join(dir, name, "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", binary, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return binary
}

// firstPoll starts the binary and returns the milliseconds until it asks for work.
func firstPoll(b *testing.B, binary string) float64 {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	event := []byte("{}")
	r, err := runtimeapi.Invoke(ctx, binary, environment, event)
	if err != nil {
		b.Fatal(err)
	}
	return float64(r.FirstPoll.Microseconds()) / 1000
}

func zippedMiB(b *testing.B, binary string) float64 {
	content, err := os.ReadFile(binary)
	if err != nil {
		b.Fatal(err)
	}
	var size strings.Builder
	z := zip.NewWriter(&size)
	w, err := z.Create("bootstrap")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := io.Copy(w, strings.NewReader(string(content))); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return float64(size.Len()) / (1 << 20)
}
