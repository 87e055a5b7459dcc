package browsertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	patience = 30 * time.Second // for whatever a person waits for; machines are busy
	pause    = 30 * time.Millisecond
)

// artifacts is the git-ignored folder for what people may look at.
const artifacts = "../../artifacts/browser"

// person is somebody before a browser profile of their own.
type person struct {
	*testing.T
	email  string
	tab    context.Context
	watch  *watch
	status int64 // of the page that they last came to

	patience time.Duration
}

// newPerson opens a fresh profile, with nothing in it. When the test ends, whatever went
// wrong behind the pages fails it.
func newPerson(t *testing.T, email string) *person {
	t.Helper()
	tab, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	p := &person{T: t, email: email, tab: tab, watch: &watch{}, patience: patience}
	t.Cleanup(func() {
		p.watch.report(t)
		end()
	})
	if err := chromedp.Listen(tab, p.watch.see); err != nil {
		t.Fatal(err)
	}
	go p.watch.closeDialogs(tab)
	p.looksAt(1280, light)
	return p
}

// withScripts turns JavaScript on or off in the profile.
func (p *person) withScripts(on bool) {
	p.Helper()
	p.must("turn scripts on or off", call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// call makes an action of a command whose answer is empty.
func call[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// must does something in the browser, or fails the test with a picture of the page.
func (p *person) must(what string, step chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, p.patience)
	defer cancel()
	if err := chromedp.Do(ctx, step); err != nil {
		p.stuck(what, err.Error())
	}
}

// ask evaluates an expression in the page.
func ask[T any](p *person, expression string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, p.patience)
	defer cancel()
	answer, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.stuck("evaluate "+expression, err.Error())
	}
	return answer
}

// goes does a step that leads to a page, and waits until that has loaded.
func (p *person) goes(what string, step chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.tab, p.patience)
	defer cancel()
	answer, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		p.stuck(what, "no page came: "+err.Error())
	}
	if answer != nil {
		p.status = answer.Status
	}
}

// opens goes to a path of the site, or to a whole address.
func (p *person) opens(where string) {
	p.Helper()
	if strings.HasPrefix(where, "/") {
		where = site.URL + where
	}
	p.goes("open "+where, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Navigate(where)(ctx, t)
		return err
	}))
}

// at is the path of the page that the person is on.
func (p *person) at() string {
	p.Helper()
	return ask[string](p, "location.pathname")
}

// isAt fails the test unless the person is on the page with the path.
func (p *person) isAt(path string) {
	p.Helper()
	if at := p.at(); at != path {
		p.stuck("get to "+path, "is at "+at)
	}
}

// reads follows the link in the newest mail to the person about something.
func (p *person) followsMail(about string) {
	p.Helper()
	p.opens(linkIn(p.T, site.mail(p.T, p.email, about)))
}

// stuck ends the test, and leaves a picture of the page.
func (p *person) stuck(what, why string) {
	p.Helper()
	where, err := chromedp.Run(p.tab, chromedp.Location())
	if err != nil {
		where = err.Error()
	}
	text, _ := chromedp.Run(p.tab, chromedp.Evaluate[string](glance))
	p.Fatalf("%s cannot %s: %s\nat %s\npicture: %s\n%s", p.email, what, why, where, p.picture("failures"), text)
}

const pageText = `document.body.innerText`

// glance is as much of it as helps to see where one is.
const glance = `document.body.innerText.slice(0, 1000)`

var unfit = regexp.MustCompile(`[^\w.-]+`)

// picture saves what the person sees, and returns where.
func (p *person) picture(folder string, names ...string) string {
	p.Helper()
	shot, err := chromedp.Run(p.tab, fullPage)
	if err != nil {
		return fmt.Sprint("none: ", err)
	}
	if names == nil {
		names = []string{p.Name(), p.email}
	}
	file := filepath.Join(artifacts, folder, unfit.ReplaceAllString(strings.Join(names, "-"), "_")+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Sprint("none: ", err)
	}
	if err := os.WriteFile(file, shot, 0o644); err != nil {
		return fmt.Sprint("none: ", err)
	}
	return file
}
