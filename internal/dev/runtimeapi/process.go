package runtimeapi

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// ErrExited means that the process has gone, as an earlier Result told. Lambda
// would start another one.
var ErrExited = errors.New("the function's process has exited")

// Process is a function that stays warm between invocations. These run one
// after the other, as they do in one of Lambda's environments, whichever
// goroutines they come from.
//
// Should this program die, the function ends with its current invocation,
// because the API is gone then.
type Process struct {
	api   *api
	cmd   *exec.Cmd
	logs  *os.File // not a pipe: what was written before an answer is there with the answer
	began time.Time
	life  context.Context // ends when the process has gone

	mu        sync.Mutex
	firstPoll time.Duration
	idle      bool  // the function polls
	over      bool  // a Result told that the process has gone
	logsRead  int64 // up to where the logs were handed out
}

// Start runs a function's binary, in Lambda's usual environment and env, which
// wins; nothing else is inherited. Stop must be called.
func Start(binary string, env []string) (*Process, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	logs, err := os.CreateTemp("", "lambda-*.log")
	if err != nil {
		return nil, err
	}
	api, err := listen()
	if err != nil {
		return nil, errors.Join(err, discard(logs))
	}
	cmd := exec.Command(binary)
	cmd.Dir = filepath.Dir(binary)
	cmd.Env = environment(binary, api.address, env)
	cmd.Stdout, cmd.Stderr = logs, logs
	began := time.Now()
	if err := cmd.Start(); err != nil {
		api.close()
		return nil, errors.Join(err, discard(logs))
	}
	life, end := context.WithCancel(context.Background())
	go func() {
		_ = cmd.Wait() // how it went stands in cmd.ProcessState
		end()
	}()
	return &Process{api: api, cmd: cmd, logs: logs, began: began, life: life}, nil
}

// Stop kills the function, as Lambda does with an environment that it no longer
// needs, and waits until it has gone.
func (p *Process) Stop() error {
	p.kill()
	p.api.close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	return discard(p.logs)
}

// Ready waits until the function asks for its first event, and returns how long that took
// since its start.
func (p *Process) Ready(ctx context.Context) (time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, cancel := p.untilExit(ctx)
	defer cancel()
	err := p.awaitPoll(ctx)
	return p.firstPoll, err
}

// Used is how much of processors the process used in its life. It waits for its end.
func (p *Process) Used() time.Duration {
	<-p.life.Done()
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// Faults is how often the process touched memory for the first time, or again, and the kernel
// had to find a page for it. It waits for its end.
func (p *Process) Faults() int64 {
	<-p.life.Done()
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Minflt
}

func (p *Process) kill() {
	_ = p.cmd.Process.Kill() // fails only if it has gone
	<-p.life.Done()
}

// awaitPoll returns when the function asks for an event: only then is it done
// with the one before.
func (p *Process) awaitPoll(ctx context.Context) error {
	if p.idle {
		return nil
	}
	select {
	case at := <-p.api.polls:
		p.idle = true
		if p.firstPoll == 0 {
			p.firstPoll = at.Sub(p.began)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// newLogs returns what was written since the last time.
func (p *Process) newLogs() ([]byte, error) {
	logs, err := io.ReadAll(io.NewSectionReader(p.logs, p.logsRead, math.MaxInt64-p.logsRead))
	p.logsRead += int64(len(logs))
	return logs, err
}

func discard(f *os.File) error {
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
