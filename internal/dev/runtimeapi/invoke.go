// Package runtimeapi runs a built Lambda function on one machine: it speaks the
// AWS Lambda Runtime API (2018-06-01) to the binary over loopback.
package runtimeapi

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// maxDuration bounds an invocation. An HTTP API of API Gateway waits no longer
// either.
const maxDuration = 30 * time.Second

// Result is what came of one invocation. Either Answer or Error is set.
type Result struct {
	Answer    []byte        // what the function answered
	Error     []byte        // a JSON document with errorType and errorMessage
	Logs      []byte        // stdout and stderr since the invocation before
	FirstPoll time.Duration // from starting the process to its first request for an event; 0 if none came
	Duration  time.Duration // from handing over the event to the answer
}

// Invoke starts a function's binary as Start does, hands it one event, and
// stops it.
func Invoke(ctx context.Context, binary string, env []string, event []byte) (Result, error) {
	p, err := Start(binary, env)
	if err != nil {
		return Result{}, err
	}
	result, err := p.Invoke(ctx, event)
	return result, errors.Join(err, p.Stop())
}

// Invoke hands one event to the function and waits for the answer. What the
// function does wrong, up to a crash, is in the Result. An error means that the
// context ended, upon which the process was killed, or ErrExited.
func (p *Process) Invoke(ctx context.Context, event []byte) (Result, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return Result{}, ErrExited
	}
	ctx, cancel := p.untilExit(ctx)
	defer cancel()
	i := p.newInvocation(ctx, event)
	result, err := p.invoke(ctx, i)
	if err != nil {
		p.over = true
		p.kill()
	}
	if errors.Is(err, ErrExited) {
		err = nil
		if result.Answer == nil && result.Error == nil {
			result.Error = p.exitDocument(i.id)
		}
	}
	logs, logErr := p.newLogs()
	result.Logs, result.FirstPoll = logs, p.firstPoll
	return result, errors.Join(err, logErr)
}

// untilExit returns a context that also ends, with ErrExited, when the process
// does.
func (p *Process) untilExit(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, stopTimer := context.WithTimeout(ctx, maxDuration)
	ctx, cancel := context.WithCancelCause(ctx)
	stopWatching := context.AfterFunc(p.life, func() { cancel(ErrExited) })
	return ctx, func() {
		stopWatching()
		cancel(nil)
		stopTimer()
	}
}

func (p *Process) newInvocation(ctx context.Context, event []byte) invocation {
	deadline, _ := ctx.Deadline() // untilExit has set one
	return invocation{
		id:       newRequestID(),
		event:    event,
		arn:      functionARN(p.cmd.Path),
		traceID:  newTraceID(time.Now()),
		deadline: deadline,
	}
}

func (p *Process) invoke(ctx context.Context, i invocation) (Result, error) {
	if err := p.awaitPoll(ctx); err != nil {
		return Result{}, err
	}
	p.idle = false
	began := time.Now()
	o, err := p.api.exchange(ctx, i)
	if err != nil {
		return Result{}, err
	}
	result := Result{Answer: o.answer, Error: o.failure, Duration: time.Since(began)}
	return result, p.awaitPoll(ctx)
}

// exitDocument says what Lambda says of a process that exits instead of
// answering, unless the function explained itself.
func (p *Process) exitDocument(requestID string) []byte {
	if said := p.api.initFailure(); said != nil {
		return said
	}
	document, _ := json.Marshal(map[string]string{ // strings always marshal
		"errorType":    "Runtime.ExitError",
		"errorMessage": fmt.Sprintf("RequestId: %s Error: Runtime exited: %v", requestID, p.cmd.ProcessState),
	})
	return document
}

// newRequestID returns a random UUID.
func newRequestID() string {
	b := randomBytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newTraceID returns an X-Ray trace id that nobody samples.
func newTraceID(now time.Time) string {
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0",
		now.Unix(), hex.EncodeToString(randomBytes(12)), hex.EncodeToString(randomBytes(8)))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
