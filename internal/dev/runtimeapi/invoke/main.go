// invoke runs a built Lambda function once, with the environment that it is
// itself given:
//
//	go run ./internal/dev/runtimeapi/invoke BINARY EVENT.json
//
// The answer goes to stdout as indented JSON, the function's logs to stderr. The
// exit code is 1 when the function fails.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: invoke BINARY EVENT.json")
		os.Exit(2)
	}
	if err := invoke(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}

func invoke(binary, eventFile string) error {
	event, err := os.ReadFile(eventFile)
	if err != nil {
		return err
	}
	if !json.Valid(event) {
		return fmt.Errorf("%s is not JSON", eventFile)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	r, err := runtimeapi.Invoke(ctx, binary, os.Environ(), event)
	os.Stderr.Write(r.Logs)
	if err != nil {
		return err
	}
	if r.Error != nil {
		return fmt.Errorf("the function failed:\n%s", indented(r.Error))
	}
	fmt.Fprintf(os.Stderr, "first poll after %v, answer after %v\n",
		r.FirstPoll.Round(100*time.Microsecond), r.Duration.Round(100*time.Microsecond))
	fmt.Printf("%s\n", indented(r.Answer))
	return nil
}

// indented leaves alone what is not JSON.
func indented(document []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return document
	}
	return out.Bytes()
}
