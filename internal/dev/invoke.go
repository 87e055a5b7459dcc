package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// invoke runs a built function on one event, over the Lambda Runtime API, on the data of
// this machine, with the demo's secrets in the place of the sample's. Its logs go to stderr
// and its answer to stdout.
func invoke(ctx context.Context, binary, eventFile string) error {
	event, err := os.ReadFile(eventFile)
	if err != nil {
		return err
	}
	if !json.Valid(event) {
		return fmt.Errorf("%s is not JSON", eventFile)
	}
	cloud, err := joinCloud(ctx)
	if err != nil {
		return err
	}
	defer cloud.stop()
	mailbox, err := sesmail.Open(filepath.Join(dir, "mail")) // to read
	if err != nil {
		return err
	}
	d, _ := earlier()
	event = d.fill(event, mailbox.List(""))
	var env []string
	for name, value := range cloud.environment() {
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

// joinCloud finds the cloud that another command is running, or starts one with the demo in
// it.
func joinCloud(ctx context.Context) (*cloud, error) {
	c, release, err := join(ctx)
	if c != nil || err != nil {
		return c, err
	}
	address, err := parseAddress(os.Getenv("NEMO_ADDR"))
	if err != nil {
		release()
		return nil, err
	}
	if c, err = startWithDemo(ctx, publicURL(address)); err != nil {
		release()
		return nil, err
	}
	stop := c.stop
	c.stop = func() { stop(); release() }
	return c, nil
}

func startWithDemo(ctx context.Context, url string) (*cloud, error) {
	mailbox, err := sesmail.Open(filepath.Join(dir, "mail"))
	if err != nil {
		return nil, err
	}
	c, err := startCloud(ctx, mailbox, url)
	if err != nil {
		return nil, err
	}
	app, handler, err := c.serve(ctx, mailbox)
	if err == nil {
		_, err = seed(ctx, handler, mailbox, app.GatewayTokens(), url)
	}
	if err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// fill replaces a sample event's placeholders: with the demo's key, its hash, the gateway's
// token and the time, and with the token of the invitation that was mailed last. Newest
// mails are first.
func (d demo) fill(event []byte, mails []sesmail.Mail) []byte {
	invitation := "nemo_invite_PLACEHOLDER"
	for _, m := range mails {
		if found := invitationToken.FindString(m.Text); found != "" {
			invitation = found
			break
		}
	}
	return []byte(strings.NewReplacer(
		"sk-nemo-PLACEHOLDER", d.APIKey,
		"nemo_gateway_PLACEHOLDER", d.GatewayToken,
		"KEY_HASH_PLACEHOLDER", secret.Hash(d.APIKey),
		"TIME_PLACEHOLDER", time.Now().UTC().Format(time.RFC3339),
		"nemo_invite_PLACEHOLDER", invitation,
	).Replace(string(event)))
}

var invitationToken = regexp.MustCompile(`nemo_invite_[\w-]+`)

// indented leaves alone what is not JSON.
func indented(document []byte) []byte {
	var out bytes.Buffer
	if json.Indent(&out, document, "", "  ") != nil {
		return document
	}
	return out.Bytes()
}
