package runtimeapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// function is the binary of testdata/function.
var function string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "function-*")
	if err != nil {
		panic(err)
	}
	function = filepath.Join(dir, "greet", "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", function, "./testdata/function")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func TestInvoke_answer(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := Invoke(ctx, function, []string{"GREETING=hello"}, []byte(`"greet"`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Greeting, Function, ARN string
		RequestID               string `json:"request_id"`
		Seconds                 int
	}
	if err := json.Unmarshal(r.Answer, &got); err != nil {
		t.Fatalf("%v in %s, error %s", err, r.Answer, r.Error)
	}
	if got.Greeting != "hello" || got.Function != "greet" || !strings.HasSuffix(got.ARN, ":function:greet") ||
		len(got.RequestID) != 36 || got.Seconds < 15 || got.Seconds > 20 {
		t.Errorf("the function saw %+v", got)
	}
	if string(r.Logs) != "asked to greet\n" {
		t.Errorf("logs = %q", r.Logs)
	}
	if r.Error != nil || r.FirstPoll <= 0 || r.Duration <= 0 {
		t.Errorf("error %s, first poll %v, duration %v", r.Error, r.FirstPoll, r.Duration)
	}
	t.Logf("first poll after %v, answer after %v", r.FirstPoll, r.Duration)
}

// Nothing of the caller's environment may help a function along.
func TestInvoke_inheritsNothing(t *testing.T) {
	t.Setenv("GREETING", "leaked")
	r, err := Invoke(t.Context(), function, nil, []byte(`"greet"`))
	if err != nil || strings.Contains(string(r.Answer), "leaked") {
		t.Errorf("answer %s, %v", r.Answer, err)
	}
}

func TestInvoke_errors(t *testing.T) {
	for _, c := range []struct {
		name, env, event         string
		errorType, message, logs string
	}{
		{"an error", "", "fail", "errorString", "no luck", "asked to fail"},
		{"a panic", "", "panic", "string", "no hope", "asked to panic"},
		{"an exit", "", "exit", "Runtime.ExitError", "exit status 4", "asked to exit"},
		{"an exit at init", "EXIT_AT_INIT=1", "greet", "Runtime.ExitError", "exit status 3", "GREETING is not set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Invoke(t.Context(), function, []string{c.env}, fmt.Appendf(nil, "%q", c.event))
			if err != nil {
				t.Fatal(err)
			}
			var got struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal(r.Error, &got); err != nil {
				t.Fatalf("%v in %s", err, r.Error)
			}
			if got.ErrorType != c.errorType || !strings.Contains(got.ErrorMessage, c.message) || r.Answer != nil {
				t.Errorf("got %+v, answer %s", got, r.Answer)
			}
			if !strings.Contains(string(r.Logs), c.logs) {
				t.Errorf("logs = %q, want %q in them", r.Logs, c.logs)
			}
		})
	}
}

func TestInvoke_noSuchBinary(t *testing.T) {
	if _, err := Invoke(t.Context(), filepath.Join(t.TempDir(), "none"), nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v, want %v", err, os.ErrNotExist)
	}
}

func TestProcess_staysWarm(t *testing.T) {
	p := start(t)
	for call := 1; call <= 3; call++ {
		r, err := p.Invoke(t.Context(), []byte(`"greet"`))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(r.Answer), fmt.Sprintf(`"calls":%d`, call)) || string(r.Logs) != "asked to greet\n" {
			t.Errorf("call %d: answer %s, logs %q", call, r.Answer, r.Logs)
		}
	}
	if r, err := p.Invoke(t.Context(), []byte(`"fail"`)); err != nil || r.Error == nil {
		t.Errorf("fail: %+v, %v", r, err)
	}
	if r, err := p.Invoke(t.Context(), []byte(`"greet"`)); err != nil || r.Answer == nil {
		t.Errorf("an error ended the process: %+v, %v", r, err)
	}
}

func TestProcess_isOverAfterAPanic(t *testing.T) {
	p := start(t)
	if r, err := p.Invoke(t.Context(), []byte(`"panic"`)); err != nil || r.Error == nil {
		t.Fatalf("panic: %+v, %v", r, err)
	}
	if _, err := p.Invoke(t.Context(), []byte(`"greet"`)); !errors.Is(err, ErrExited) {
		t.Errorf("err = %v, want %v", err, ErrExited)
	}
}

func TestProcess_isKilledWhenTheContextEnds(t *testing.T) {
	p := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	r, err := p.Invoke(ctx, []byte(`"hang"`))
	if !errors.Is(err, context.DeadlineExceeded) || string(r.Logs) != "asked to hang\n" {
		t.Errorf("err = %v, logs = %q", err, r.Logs)
	}
	if _, err := p.Invoke(t.Context(), []byte(`"greet"`)); !errors.Is(err, ErrExited) {
		t.Errorf("err = %v, want %v", err, ErrExited)
	}
}

func start(t *testing.T) *Process {
	t.Helper()
	p, err := Start(function, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}
