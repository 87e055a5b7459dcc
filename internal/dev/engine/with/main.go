// with runs a command beside a DynamoDB Local in memory, whose endpoint the
// command finds in NEMO_TEST_DYNAMODB:
//
//	go run ./internal/dev/engine/with go test ./...
//
// It ends with the command's exit code.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: with COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	code, err := with(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
	}
	os.Exit(code)
}

func with(command []string) (code int, err error) {
	e, err := startEngine()
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := e.Stop(); stopErr != nil {
			code, err = max(code, 1), errors.Join(err, stopErr)
		}
	}()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), engine.TestVariable+"="+e.Endpoint())
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return runWithSignals(cmd)
}

// startEngine gives up when it is interrupted.
func startEngine() (*engine.Engine, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	return engine.Start(ctx, engine.Options{Log: os.Stderr})
}

// runWithSignals passes on each signal and leaves it to the command to end, so
// that the engine outlives whatever the command does about it.
func runWithSignals(cmd *exec.Cmd) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if err := cmd.Start(); err != nil {
		return 127, err
	}
	go func() {
		for s := range signals {
			_ = cmd.Process.Signal(s)
		}
	}()
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitCode(exit), nil
	}
	return 0, err
}

// exitCode is that of a shell: 128 and the signal for a command that died of one.
func exitCode(exit *exec.ExitError) int {
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
