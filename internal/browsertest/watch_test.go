package browsertest

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// watch notes what goes wrong behind a page: errors and warnings of the console, of which
// violations of the Content-Security-Policy are some, exceptions, dialogs, and requests to
// any other host.
type watch struct {
	mu         sync.Mutex
	complaints []string
	documents  map[network.RequestID]bool
}

func (w *watch) complain(words ...string) {
	w.complaints = append(w.complaints, strings.Join(words, ": "))
}

// see takes an event of the browser. It must not wait.
func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.seeRequest(e)
	case *log.EventEntryAdded:
		w.seeEntry(e.Entry)
	case *runtime.EventConsoleAPICalled:
		w.complain("console", string(e.Type)) // our scripts have nothing to say there
	case *runtime.EventExceptionThrown:
		w.complain("exception", e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		w.complain("a dialog opened", e.Message)
	}
}

func (w *watch) seeRequest(e *network.EventRequestWillBeSent) {
	if e.Type == network.ResourceTypeDocument {
		if w.documents == nil {
			w.documents = map[network.RequestID]bool{}
		}
		w.documents[e.RequestID] = true
	}
	to, err := url.Parse(e.Request.URL)
	if err != nil || to.Scheme != "data" && to.Scheme != "about" && to.Scheme+"://"+to.Host != site.URL {
		w.complain("a request to another host", e.Request.URL)
	}
}

// seeEntry passes over pages that are refusals, which the browser reports as failures.
func (w *watch) seeEntry(e *log.Entry) {
	if e.Source == log.EntrySourceNetwork && w.documents[e.NetworkRequestID] {
		return
	}
	if e.Level == log.EntryLevelError || e.Level == log.EntryLevelWarning {
		w.complain(string(e.Source), e.Text, e.URL)
	}
}

// closeDialogs answers dialogs, which else would hold up the test, until the tab ends.
func (w *watch) closeDialogs(tab context.Context) {
	for _, err := range chromedp.Events(tab, page.JavascriptDialogOpening) {
		if err != nil {
			return
		}
		_, _ = chromedp.Run(tab, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
			return cdp.Call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: false})
		})
	}
}

// report fails the test for each complaint.
func (w *watch) report(t *testing.T) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, complaint := range w.complaints {
		t.Error(complaint)
	}
	w.complaints = nil
}

// What watches must be known to see. What the policy of our pages stops is told twice.
func TestWatch_sees(t *testing.T) {
	p := newPerson(t, "nobody@watch.example")
	p.opens("/signin")
	for _, c := range []struct {
		script     string
		complaints []string
	}{
		{`console.error("no")`, []string{"console"}},
		{`setTimeout(() => { throw new Error("no") })`, []string{"exception"}},
		{`setTimeout(() => alert("no"))`, []string{"a dialog opened"}},
		{`document.body.append(Object.assign(document.createElement("script"), {textContent: "1"}))`, []string{"security"}},
		{`new Image().src = "http://elsewhere.example/pixel.gif"`, []string{"a request to another host", "security"}},
	} {
		ask[bool](p, c.script+", true")
		for _, complaint := range c.complaints {
			p.waits(complaint, func() bool { return p.watch.took(complaint) })
		}
	}
}

// took takes away the complaints of a kind, and reports whether there were any.
func (w *watch) took(kind string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := len(w.complaints)
	w.complaints = slices.DeleteFunc(w.complaints, func(c string) bool { return strings.HasPrefix(c, kind) })
	return len(w.complaints) < before
}
