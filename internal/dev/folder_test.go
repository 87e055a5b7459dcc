package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
)

// Two engines on one database would damage it.
func TestHold_oneAtATime(t *testing.T) {
	t.Chdir(t.TempDir())
	release, err := hold()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold(); !errors.Is(err, errHeld) {
		t.Errorf("held twice: %v", err)
	}
	if err := os.WriteFile(demoFile, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reset(); !errors.Is(err, errHeld) {
		t.Errorf("reset under a running engine: %v", err)
	}
	if _, err := os.Stat(demoFile); err != nil {
		t.Error(err)
	}
	release()
	if err := reset(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(demoFile); err == nil {
		t.Error("the demo is still there")
	}
}

// Every sample can be run as it is: what it lacks is filled in.
func TestFill(t *testing.T) {
	samples, err := filepath.Glob("../../events/*.json")
	if err != nil || len(samples) == 0 {
		t.Fatal(samples, err)
	}
	d := demo{APIKey: "sk-nemo-demo", GatewayToken: "nemo_gateway_demo"}
	mails := []sesmail.Mail{{Text: "sign in: /signin/nemo_link_x"}, {Text: "/invite/nemo_invite_new\n"}, {Text: "/invite/nemo_invite_old"}}
	for _, sample := range samples {
		event, err := os.ReadFile(sample)
		if err != nil {
			t.Fatal(err)
		}
		filled := bytes.ReplaceAll(d.fill(event, mails), []byte("nemo_session_PLACEHOLDER"), nil) // signed out will do
		if bytes.Contains(filled, []byte("PLACEHOLDER")) || bytes.Contains(filled, []byte("_old")) {
			t.Errorf("%s: %s", sample, filled)
		}
	}
}
