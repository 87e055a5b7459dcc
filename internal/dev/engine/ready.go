package engine

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	// readyTimeout is some thirty times what a start takes on two idle cores.
	readyTimeout = 90 * time.Second
	readyPoll    = 25 * time.Millisecond
)

var errPortTaken = errors.New("the port is taken")

// freePort returns a port that was free a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// newOrigin makes up the one web origin that an engine is told to allow. The
// engine repeats it in its answers, so it also tells our engine from another
// that took the same port first.
func newOrigin() string {
	return "http://" + strings.ToLower(rand.Text()) + ".invalid"
}

// waitUntilReady returns nil as soon as this very engine answers.
func (e *Engine) waitUntilReady(ctx context.Context, origin string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(readyPoll)
	defer tick.Stop()
	for !e.answers(ctx, origin) {
		select {
		case <-tick.C:
		case <-e.child.done:
			return e.failure(errors.New(e.child.cmd.ProcessState.String()))
		case <-ctx.Done():
			return e.failure(ctx.Err())
		}
		// When it cannot listen, Java writes why and then stays around.
		if e.child.out.Contains("BindException") {
			return e.failure(errPortTaken)
		}
	}
	return nil
}

func (e *Engine) failure(cause error) error {
	return fmt.Errorf("DynamoDB Local on port %d did not start: %w\n%s", e.port, cause, e.child.out.Tail())
}

func (e *Engine) answers(ctx context.Context, origin string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint(), nil)
	if err != nil {
		return false
	}
	req.Header.Set("Origin", origin)
	res, err := probe.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.Header.Get("Access-Control-Allow-Origin") == origin
}

// probe keeps no connection, so that none is left when the engine stops.
var probe = &http.Client{
	Timeout:   time.Second,
	Transport: &http.Transport{DisableKeepAlives: true},
}
