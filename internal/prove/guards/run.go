package guards

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
	"github.com/nemorouter/nemo-team/internal/prove"
	"github.com/nemorouter/nemo-team/internal/prove/guards/watch"
)

// test is one test of a suite.
type test struct {
	suite suite
	name  string
}

// runner runs watched tests, one process after the other, on an engine of its own.
type runner struct {
	engine *engine.Engine
	dir    string
}

func newRunner(dir string) (*runner, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	e, err := engine.Start(ctx, engine.Options{Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	return &runner{e, dir}, os.MkdirAll(dir, 0o700)
}

const startTimeout = 2 * time.Minute

// outcome is what a run of tests came to.
type outcome struct {
	failed string // the test that failed first, or ""
	output string
	notes  []note
	took   time.Duration
}

// note is one line of what a watched program noted.
type note struct {
	What  string
	Guard watch.Guard
	At    string
}

// A test that hangs without a guard has noticed. It hangs if it takes far longer than it did
// with all guards, and longer than that by which a machine may be busier by then.
const (
	firstLimit  = 15 * time.Minute // with all guards
	shortest    = 2 * time.Minute
	timesAsLong = 10
)

// run runs tests of one suite, up to the first failure, for as long as limit, without the
// guard to cut if there is one.
func (r *runner) run(tests []test, cut string, limit time.Duration) (outcome, error) {
	log := filepath.Join(r.dir, "log")
	if err := os.RemoveAll(log); err != nil {
		return outcome{}, err
	}
	names := make([]string, len(tests))
	for i, t := range tests {
		names[i] = t.name
	}
	cmd := exec.Command(tests[0].suite.binary, "-test.run", "^("+strings.Join(names, "|")+")$",
		"-test.v", "-test.failfast", "-test.timeout", limit.String())
	cmd.Dir = tests[0].suite.dir
	cmd.Env = append(prove.ShortForm(), engine.TestVariable+"="+r.engine.Endpoint(), watch.LogVariable+"="+log, watch.CutVariable+"="+cut)
	begun := time.Now()
	out, err := cmd.CombinedOutput()
	o := outcome{output: string(out), took: time.Since(begun)}
	var exit *exec.ExitError
	if err != nil {
		if !errors.As(err, &exit) {
			return o, err
		}
		o.failed = firstFailure(o.output)
	}
	if o.notes, err = readNotes(log); err != nil {
		return o, err
	}
	return o, r.forget()
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\S+)`)

func firstFailure(output string) string {
	if m := failure.FindStringSubmatch(output); m != nil {
		return m[1]
	}
	if strings.Contains(output, "test timed out") {
		return "a test that never ended"
	}
	if strings.Contains(output, "panic: ") {
		return "a test that panicked"
	}
	return unfinished
}

// unfinished is a run that tells nothing: no engine, no memory.
const unfinished = "a run that broke off"

func readNotes(path string) (notes []note, err error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(b) {
		f := strings.Split(strings.TrimSuffix(string(line), "\n"), "\t")
		if len(f) != 6 {
			return nil, fmt.Errorf("a note is not whole: %s", line)
		}
		notes = append(notes, note{f[0], watch.Guard{Step: f[1], Item: f[2], By: f[3], Conjunct: f[4]}, f[5]})
	}
	return notes, nil
}

// forget drops the tables that a run left: an engine with hundreds of them is slow.
func (r *runner) forget() error {
	db := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(r.engine.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	tables, err := db.ListTables(context.Background(), nil)
	if err != nil {
		return err
	}
	for _, name := range tables.TableNames {
		if _, err := db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			return err
		}
	}
	return nil
}

// names lists the tests of a suite.
func (s suite) names() ([]test, error) {
	list := exec.Command(s.binary, "-test.list", "^Test")
	list.Dir = s.dir
	list.Env = append(os.Environ(), engine.TestVariable+"=unused")
	out, err := list.Output()
	if err != nil {
		return nil, err
	}
	var tests []test
	for name := range strings.FieldsSeq(string(out)) {
		tests = append(tests, test{s, name})
	}
	return tests, nil
}
