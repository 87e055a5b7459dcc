// Package engine fetches and runs Amazon's DynamoDB Local, for tests and for
// development on one machine.
//
// The engine listens on every interface, because it cannot be told otherwise.
// It holds nothing but test data, and pages in a browser cannot reach it: the
// only origin that it would answer is a random one that Start made up.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/setup"
)

const (
	// heap bounds the Java heap. The data itself is kept outside of it, by
	// SQLite; what needs heap is requests in flight, of up to 4 MiB each.
	heap = "-Xmx512m"
	// collector costs an eighth less time than the one that Java chooses for two cores.
	collector = "-XX:+UseSerialGC"
	// portAttempts bounds how often a free port may be lost to somebody else
	// between finding it and listening on it.
	portAttempts = 5
	stopTimeout  = 10 * time.Second
)

// Options say how an engine runs. The zero value is an engine in memory, on a
// free port.
type Options struct {
	Dir  string    // where data is kept; empty means in memory
	Port int       // 0 means a free one
	Log  io.Writer // told what is being fetched and installed; nil discards it
}

// Engine is a running DynamoDB Local. It ends with this process at the latest.
type Engine struct {
	port  int
	child *child
}

// Start fetches what is missing, starts an engine and returns when it answers.
// The context bounds the start, not the life, of the engine.
func Start(ctx context.Context, o Options) (*Engine, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	java, err := setup.Need(ctx, setup.Java, o.Log)
	if err != nil {
		return nil, err
	}
	home, err := setup.Fetch(ctx, emulator, o.Log)
	if err != nil {
		return nil, err
	}
	storage, err := storageFlags(o.Dir)
	if err != nil {
		return nil, err
	}
	args := append([]string{
		heap, collector,
		"-Djava.library.path=" + filepath.Join(home, "DynamoDBLocal_lib"),
		"-jar", filepath.Join(home, jarName),
		"-sharedDb", "-disableTelemetry",
	}, storage...)
	return startOnPort(ctx, o, java, args)
}

// startOnPort starts the engine on the port asked for, or on one free port
// after the other until none has taken it away.
func startOnPort(ctx context.Context, o Options, java string, args []string) (*Engine, error) {
	for attempt := 1; ; attempt++ {
		port := o.Port
		if port == 0 {
			var err error
			if port, err = freePort(); err != nil {
				return nil, err
			}
		}
		e, err := launch(ctx, java, args, port)
		if errors.Is(err, errPortTaken) && o.Port == 0 && attempt < portAttempts {
			continue
		}
		return e, err
	}
}

func launch(ctx context.Context, java string, args []string, port int) (*Engine, error) {
	origin := newOrigin()
	args = append(args[:len(args):len(args)], "-port", strconv.Itoa(port), "-cors", origin)
	c, err := startChild(java, args)
	if err != nil {
		return nil, fmt.Errorf("start DynamoDB Local: %w", err)
	}
	e := &Engine{port: port, child: c}
	if err := e.waitUntilReady(ctx, origin); err != nil {
		c.end(syscall.SIGKILL)
		return nil, err
	}
	return e, nil
}

func storageFlags(dir string) ([]string, error) {
	if dir == "" {
		return []string{"-inMemory"}, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return []string{"-dbPath", dir}, nil
}

// Endpoint returns the URL that clients take, such as http://127.0.0.1:8000.
func (e *Engine) Endpoint() string {
	return fmt.Sprintf("http://127.0.0.1:%d", e.port)
}

// Pid returns the engine's process id.
func (e *Engine) Pid() int {
	return e.child.cmd.Process.Pid
}

// Stop ends the engine and waits until it has gone. It returns an error that
// shows the engine's last words when it had died before anybody asked it to.
func (e *Engine) Stop() error {
	if e.child.endedByItself() {
		return fmt.Errorf("DynamoDB Local died: %v\n%s", e.child.cmd.ProcessState, e.child.out.Tail())
	}
	e.child.end(syscall.SIGTERM)
	return nil
}

// Kill ends the engine the way that a power cut would, and waits until it has
// gone. Stop may follow.
func (e *Engine) Kill() {
	e.child.end(syscall.SIGKILL)
}
