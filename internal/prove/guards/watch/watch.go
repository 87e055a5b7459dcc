// Package watch is linked into the store while its guards are tried. It notes which
// condition of which step is met and which is refused, and removes the one that it is told
// to remove.
//
// A guard is one conjunct of the condition of one step: the operation that the store was
// asked for, the kind of item that is written, and the function that states the condition.
package watch

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// The environment of a watched program.
const (
	LogVariable = "NEMO_GUARDS_LOG" // the file to note in
	CutVariable = "NEMO_GUARDS_CUT" // the guard to remove, as Guard.String has it
)

// What is noted of a guard.
const (
	Met     = "met"     // it was sent
	Refused = "refused" // its condition did not hold
	Cut     = "cut"     // it was removed
	Botched = "botched" // what was left is no expression
)

// Guard is one conjunct of the condition of one step.
type Guard struct {
	Step     string // such as SaveAcceptance
	Item     string // such as MEMBER
	By       string // the function that states the condition
	Conjunct string
}

func (g Guard) String() string {
	return strings.Join([]string{g.Step, g.Item, g.By, g.Conjunct}, " | ")
}

// Kind is the kind of item that has the key.
func Kind(pk, sk string) string {
	kind := func(k string) string {
		if i := strings.IndexAny(k, "#@"); i >= 0 {
			return k[:i]
		}
		return k
	}
	if kind(pk) == "ORG" {
		return kind(sk)
	}
	return kind(pk)
}

// Site is where a condition is stated.
type Site struct {
	By string // the function
	At string // file:line
}

var (
	cutting = os.Getenv(CutVariable)
	noted   sync.Map
	writing sync.Mutex
)

// Part is what one place states of a condition.
type Part struct {
	Site Site
	Text string
}

// Condition is the condition of one write. All its parts must hold.
type Condition struct {
	Step, Item string
	Parts      []Part
}

func (c Condition) guards(p Part) (all []Guard) {
	if c.Step == "" || strings.Contains(p.Site.At, "_test.go:") { // a test's own
		return nil
	}
	for _, conjunct := range Conjuncts(p.Text) {
		all = append(all, Guard{c.Step, c.Item, p.Site.By, Name(conjunct)})
	}
	return all
}

// Guarded notes the guards of a condition, and returns its text without the one to remove.
func Guarded(c Condition) string {
	var left []string
	for _, p := range c.Parts {
		for _, g := range c.guards(p) {
			note(Met, g, p.Site.At)
			if g.String() == cutting {
				note(Cut, g, p.Site.At)
				p.Text = Without(p.Text, g.Conjunct)
			}
		}
		if p.Text != "" {
			left = append(left, p.Text)
		}
	}
	return strings.Join(left, and)
}

// Failed notes that a condition did not hold.
func Failed(c Condition) {
	for _, p := range c.Parts {
		for _, g := range c.guards(p) {
			note(Refused, g, p.Site.At)
		}
	}
}

// Fault notes when the engine does not understand an expression: then nothing is proved. An
// update of something that is not there, which only the guard kept from being sent, is
// understood and fails.
func Fault(err error) {
	if cutting != "" && err != nil && notUnderstood(err) {
		note(Botched, Guard{Conjunct: strings.ReplaceAll(err.Error(), "\n", " ")}, "")
	}
}

func notUnderstood(err error) bool {
	text := err.Error()
	return strings.Contains(text, notValid) && !strings.Contains(text, nothingThere) && !strings.HasSuffix(text, notValid+": "+notValid)
}

const (
	notValid     = "ValidationException" // tests that answer with it themselves have no other words
	nothingThere = "refers to an attribute that does not exist in the item"
)

// note writes a line, once for each process.
func note(what string, g Guard, at string) {
	line := strings.Join([]string{what, g.Step, g.Item, g.By, g.Conjunct, at}, "\t") + "\n"
	if _, known := noted.LoadOrStore(line, true); known || os.Getenv(LogVariable) == "" {
		return
	}
	writing.Lock()
	defer writing.Unlock()
	f, err := os.OpenFile(os.Getenv(LogVariable), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		panic(err)
	}
}

// Here is the site that called the store's words for conditions, which lie in wordFiles.
func Here() Site {
	for _, f := range frames() {
		if !wordFiles[path.Base(f.File)] {
			return Site{short(f.Function), fmt.Sprintf("%s:%d", path.Base(f.File), f.Line)}
		}
	}
	return Site{}
}

var wordFiles = map[string]bool{"write.go": true, "watched.go": true, "watch.go": true}

// Step is the operation that the store was asked for: the outermost of its functions that
// called each other. It is "" for what a test of the store does by itself.
func Step() (step string) {
	for _, f := range frames() {
		in := strings.Contains(f.Function, "/internal/store.") && !strings.HasSuffix(f.File, "_test.go")
		if step != "" && !in {
			break
		}
		if in {
			step = short(f.Function)
		}
	}
	if engineWords[step] {
		return ""
	}
	return step
}

// engineWords carry out what an operation asks for.
var engineWords = map[string]bool{"commit": true, "transact": true, "apply": true}

// inner are the names that the compiler gives to closures and instances.
var inner = regexp.MustCompile(`\[\.\.\.\]|\.(?:func|gowrap)?[0-9]+|-range[0-9]+`)

// short is a function's name without its package, its receiver and the closures in it.
func short(function string) string {
	_, name, _ := strings.Cut(inner.ReplaceAllString(function, ""), "/store.")
	return name[strings.LastIndex(name, ".")+1:]
}

func frames() (all []runtime.Frame) {
	pcs := make([]uintptr, 64)
	found := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := found.Next()
		if f.Function != "" {
			all = append(all, f)
		}
		if !more {
			return all
		}
	}
}
