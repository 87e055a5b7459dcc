package browsertest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/nemorouter/nemo-team/internal/dev/setup"
)

// What all tests share: one server and one browser, in which each person has a profile.
var (
	site    *server
	browser context.Context
)

// setupTime bounds a first run, which may install the browser and download the engine.
const setupTime = 10 * time.Minute

func TestMain(m *testing.M) {
	runtime.LockOSThread() // see bindLife
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "browsertest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), setupTime)
	defer cancel()
	chromium, err := setup.Need(ctx, setup.Chromium, os.Stderr)
	if err != nil {
		return 1, err
	}
	if site, err = startServer(ctx); err != nil {
		return 1, err
	}
	defer site.stop()
	var quit func()
	if browser, quit, err = startBrowser(chromium); err != nil {
		return 1, err
	}
	defer quit()
	return m.Run(), hang()
}

// startBrowser returns the context from which those of the profiles come.
func startBrowser(path string) (context.Context, func(), error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	quit := func() { stop(); stopAllocator() }
	if err := chromedp.Do(ctx); err != nil { // starts it
		quit()
		return nil, nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, quit, nil
}
