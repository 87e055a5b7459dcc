package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/wiring"
)

// startTime bounds a start, first downloads included.
const startTime = 10 * time.Minute

// cloud is where the AWS clients of this machine go.
type cloud struct {
	DynamoDB string `json:"dynamodb"` // endpoints
	SES      string `json:"ses"`
	URL      string `json:"url"` // what links in mails start with
	stop     func()
}

// cloudFile tells other commands where the running cloud is.
var cloudFile = filepath.Join(dir, "cloud.json")

// startCloud starts the engine on the data of this folder, and the SES endpoint.
func startCloud(ctx context.Context, mailbox *sesmail.Mailbox, url string) (*cloud, error) {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	db, err := engine.Start(ctx, engine.Options{Dir: filepath.Join(dir, "db"), Log: os.Stderr})
	if err != nil {
		return nil, err
	}
	mail, err := listen("127.0.0.1:0", sesmail.NewServer(mailbox))
	if err != nil {
		db.Stop()
		return nil, err
	}
	c := &cloud{DynamoDB: db.Endpoint(), SES: "http://" + mail.Addr, URL: url}
	c.stop = func() {
		os.Remove(cloudFile)
		mail.Close()
		db.Stop()
	}
	content, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(cloudFile, content, 0o600)
	}
	if err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

// running finds the cloud that another command runs.
func running() (*cloud, bool) {
	c := &cloud{stop: func() {}}
	content, err := os.ReadFile(cloudFile)
	return c, err == nil && json.Unmarshal(content, c) == nil && answers(c.DynamoDB)
}

func answers(endpoint string) bool {
	client := http.Client{Timeout: time.Second}
	r, err := client.Get(endpoint)
	if err != nil {
		return false
	}
	r.Body.Close()
	return true
}

// prepare sets the functions' environment and creates the table if there is none.
func (c *cloud) prepare(ctx context.Context) error {
	for name, value := range c.environment() {
		os.Setenv(name, value)
	}
	return store.CreateTable(ctx, wiring.DynamoDB(), os.Getenv("NEMO_TABLE"))
}

// environment is what the deployment sets. What concerns behavior can be set from outside.
func (c *cloud) environment() map[string]string {
	env := map[string]string{
		"NEMO_PUBLIC_URL":           c.URL,
		"NEMO_TABLE":                "nemo-team",
		"NEMO_FEEDBACK_TOPIC":       "arn:aws:sns:us-east-1:123456789012:nemo-team-mail-feedback", // the sample event's
		"AWS_ENDPOINT_URL_DYNAMODB": c.DynamoDB,
		"AWS_ENDPOINT_URL_SES":      c.SES,
		"AWS_REGION":                "eu-central-1",
		"AWS_ACCESS_KEY_ID":         "local", // never real ones: nothing here may reach an account
		"AWS_SECRET_ACCESS_KEY":     "local",
		"AWS_SESSION_TOKEN":         "",
	}
	for name, value := range map[string]string{
		"NEMO_MAIL_FROM":               "team@nemo.example",
		"NEMO_INVITATIONS_PER_DAY_NEW": "1000", // a demo org is always new
		"NEMO_INVITATION_TTL":          "168h",
	} {
		env[name] = value
		if set := os.Getenv(name); set != "" {
			env[name] = set
		}
	}
	return env
}

// listen serves h in the background and returns the server with its address.
func listen(address string, h http.Handler) (*http.Server, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Addr: l.Addr().String(), Handler: h, ReadHeaderTimeout: headerTime}
	go server.Serve(l) // ends with Close
	return server, nil
}
