package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

// placeholder is what sample events have in the place of a key.
var placeholder = regexp.MustCompile(`sk-nemo-REPLACE[A-Z_]*`)

// invoke runs a built function on one event, over the Lambda Runtime API, on the data of
// this machine. Its logs go to stderr and its answer to stdout.
func invoke(ctx context.Context, binary, eventFile string) error {
	event, err := os.ReadFile(eventFile)
	if err != nil {
		return err
	}
	if !json.Valid(event) {
		return fmt.Errorf("%s is not JSON", eventFile)
	}
	if d, found := earlier(); found {
		event = placeholder.ReplaceAll(event, []byte(d.APIKey))
	}
	cloud, err := joinCloud(ctx)
	if err != nil {
		return err
	}
	defer cloud.stop()
	url := publicURL(defaultAddress)
	if err := cloud.prepare(ctx, url); err != nil {
		return err
	}
	var env []string
	for name, value := range cloud.environment(url) {
		env = append(env, name+"="+value)
	}
	r, err := runtimeapi.Invoke(ctx, binary, env, event)
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
