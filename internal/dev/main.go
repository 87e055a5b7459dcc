// Dev runs everything on one machine: DynamoDB Local with its data on disk, an SES endpoint
// whose mail is readable in the browser, and all functions behind one address. The
// handlers and the AWS clients are those of the cloud.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
	"github.com/nemorouter/nemo-team/internal/wiring/mailing"
	"github.com/nemorouter/nemo-team/internal/wiring/site"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := command(ctx, os.Args[1:]); err != nil && ctx.Err() == nil {
		fmt.Fprintln(os.Stderr, "dev:", err)
		os.Exit(1)
	}
}

// command runs the server, or with "invoke BINARY EVENT" one function on one event, or with
// "reset" forgets everything.
func command(ctx context.Context, args []string) error {
	switch {
	case len(args) == 0:
		return run(ctx)
	case len(args) == 3 && args[0] == "invoke":
		return invoke(ctx, args[1], args[2])
	case len(args) == 1 && args[0] == "reset":
		return reset()
	default:
		return errors.New("usage: dev [invoke BINARY EVENT.json | reset]")
	}
}

// run starts everything, says where it is, and stops everything when ctx ends.
func run(ctx context.Context) error {
	release, err := hold()
	if err != nil {
		return err
	}
	defer release()
	listener, address, err := listenOn(os.Getenv("NEMO_ADDR"))
	if err != nil {
		return err
	}
	mailbox, err := sesmail.Open(filepath.Join(dir, "mail"))
	if err != nil {
		return err
	}
	cloud, err := startCloud(ctx, mailbox, publicURL(address))
	if err != nil {
		return err
	}
	defer cloud.stop()
	app, handler, err := cloud.serve(ctx, mailbox)
	if err != nil {
		return err
	}
	demo, err := seed(ctx, handler, mailbox, app.GatewayTokens(), cloud.URL)
	if err != nil {
		return err
	}
	demo.print(keepsSessions(address))
	go sweepEvery(ctx, time.Minute, app.Sweeper())
	return serve(ctx, listener, handler)
}

// serve returns all functions behind one handler, with the tools.
func (c *cloud) serve(ctx context.Context, mailbox *sesmail.Mailbox) (*wiring.App, http.Handler, error) {
	if err := c.prepare(ctx); err != nil {
		return nil, nil, err
	}
	app := mailing.New().WithoutMetrics()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	return app, web.Handler(app.API(), append(site.All(app), tools{mailbox, app.Sweeper(), app.Reconciler(), app.Feedback().Record})...), nil
}

const (
	headerTime   = 10 * time.Second
	shutdownTime = 5 * time.Second
)

// serve answers until ctx ends, and lets requests under way end too.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headerTime}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		err := server.Shutdown(ending)
		if errors.Is(err, context.DeadlineExceeded) {
			return server.Close()
		}
		return err
	}
}
