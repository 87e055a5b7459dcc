package functions_test

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

// starts is how often each function is started, in turns, so that what else the machine
// does falls on all of them alike.
const starts = 31

// BenchmarkStart shows what a cold start costs: for each function, built as it is deployed
// but for this machine, the size of its package, and beside a function that does nothing
// the page faults and the time from exec to its first request for work, and the time to its
// first answer.
//
//	go test ./functions -run '^$' -bench Start -benchtime 1x
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	names, binaryOf := []string{"empty"}, map[string]string{"empty": deployable(b, dir, "empty", emptyFunction(b))}
	for _, name := range folders(b) {
		names = append(names, name)
		binaryOf[name] = deployable(b, dir, name, "./"+name)
	}
	began := map[string][]start{}
	for range starts {
		for _, name := range names {
			began[name] = append(began[name], startOnce(b, binaryOf[name], firstEvent(b, name)))
		}
	}
	empty := func(of func(start) float64) float64 { return median(began["empty"], of) }
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			all := began[name]
			b.ReportMetric(0, "ns/op") // of nothing
			b.ReportMetric(zippedMiB(b, binaryOf[name]), "MiB-zip")
			b.ReportMetric(median(all, start.paged), "faults")
			reportSpread(b, all, start.toPoll, "ms-poll")
			b.ReportMetric(median(all, start.toPoll)/empty(start.toPoll), "×empty-poll")
			reportSpread(b, all, start.used, "cpu-ms-poll")
			b.ReportMetric(median(all, start.used)/empty(start.used), "×empty-cpu")
			reportSpread(b, all, start.toAnswer, "ms-answer")
		})
	}
}

// start is one cold start.
type start struct {
	poll, answer time.Duration // since exec
	processor    time.Duration // until the poll
	faults       int64         // until the poll
}

func (s start) toPoll() float64   { return milliseconds(s.poll) }
func (s start) toAnswer() float64 { return milliseconds(s.answer) }
func (s start) used() float64     { return milliseconds(s.processor) }
func (s start) paged() float64    { return float64(s.faults) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// reportSpread tells the median of a figure, the least and the most.
func reportSpread(b *testing.B, all []start, of func(start) float64, unit string) {
	values := sorted(all, of)
	b.ReportMetric(median(all, of), unit)
	b.ReportMetric(values[0], unit+"-min")
	b.ReportMetric(values[len(values)-1], unit+"-max")
}

func median(all []start, of func(start) float64) float64 { return sorted(all, of)[len(all)/2] }

func sorted(all []start, of func(start) float64) []float64 {
	values := make([]float64, len(all))
	for i, s := range all {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values
}

// startOnce starts a function twice: once to see what it takes to be ready, and once to
// give it an event.
func startOnce(b *testing.B, binary string, event []byte) (s start) {
	b.Helper()
	p, err := runtimeapi.Start(binary, environment)
	if err != nil {
		b.Fatal(err)
	}
	if s.poll, err = p.Ready(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := p.Stop(); err != nil {
		b.Fatal(err)
	}
	s.processor, s.faults = p.Used(), p.Faults()
	r, err := runtimeapi.Invoke(b.Context(), binary, environment, event)
	if err != nil {
		b.Fatal(err)
	}
	s.answer = r.FirstPoll + r.Duration
	return s
}

// firstEvent is the function's sample event; the empty function takes any.
func firstEvent(b *testing.B, name string) []byte {
	b.Helper()
	if name == "empty" {
		return []byte("{}")
	}
	content, err := os.ReadFile(filepath.Join(samples, name+".json"))
	if err != nil {
		b.Fatal(err)
	}
	return content
}

// emptyFunction is the source of a function that does nothing. It is built in this module,
// from the same library.
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

// deployable builds as `make build` does, for this machine. It writes the binary anew, in one
// go, as what is unpacked from a package is: the linker writes here and there, and what the
// kernel then holds in small pieces takes up to a tenth more to start.
func deployable(b *testing.B, dir, name, source string) string {
	b.Helper()
	binary := filepath.Join(dir, name, "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", binary+".linked", source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	content, err := os.ReadFile(binary + ".linked")
	if err == nil {
		err = os.WriteFile(binary, content, 0o700)
	}
	if err != nil {
		b.Fatal(err)
	}
	return binary
}

func zippedMiB(b *testing.B, binary string) float64 {
	content, err := os.ReadFile(binary)
	if err != nil {
		b.Fatal(err)
	}
	var size bytes.Buffer
	z := zip.NewWriter(&size)
	w, err := z.Create("bootstrap")
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	return float64(size.Len()) / (1 << 20)
}
