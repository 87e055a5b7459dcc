package model

import (
	"fmt"
	"regexp"
	"time"

	"pgregory.net/rapid"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

// story is the model and the program, going through the same steps.
type story struct {
	*state
	plot
	t     *rapid.T
	world *apitest.World
	view  *apitest.View

	gateway *credential

	names    map[string]string // of ids, to be read by people
	exact    bool              // the clock was set to a moment that matters: it stands for one step
	within   bool              // something else is under way
	lost     bool              // the answer to what is being done got lost, and what would follow it was not done
	counting bool              // and it adds up what was spent
	touched  bool              // the program or the clock, in this step
	steps    int
	keys     int // for idempotency, that were used

	mailDown  bool
	overtaken bool // something else was done since the step read what it rests on
}

// send makes the request and writes it into the story.
func (s *story) send(st step, body any, key string) *apitest.Reply {
	p := &apitest.Person{World: s.world}
	who := "nobody"
	if st.by != nil {
		p.Token, who = st.by.secret, st.by.name
	}
	headers := []string{"X-Remote-Addr", apitest.Source()}
	if key != "" {
		headers = append(headers, "Idempotency-Key", key)
	}
	s.touched = true
	r := p.Do(st.method, st.path, body, headers...)
	s.t.Logf("%s  %s: %s %s %v %s → %d %s", s.now.Format("02 15:04:05.000"), who, st.method, s.named(st.path), s.named(fmt.Sprint(body)), key, r.Status, r.Code())
	return r
}

func (s *story) compare(st step, want answer, r *apitest.Reply) {
	if got := answerOf(r); got != want {
		s.t.Logf("the answer was %s", r.Body)
		s.fail("%s %s: the program answers %d %s, and the rules say %d %s", st.method, pattern(st.path), got.status, got.code, want.status, want.code)
	}
}

// unless fails the story if what must be is not.
func (s *story) unless(ok bool, format string, args ...any) {
	if !ok {
		s.fail(format, args...)
	}
}

// fail ends the story, in words that are the same each time it is told.
func (s *story) fail(format string, args ...any) {
	s.t.Fatalf("%s", s.named(fmt.Sprintf(format, args...)))
}

var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	tokens = regexp.MustCompile(`(nemo_[a-z]+_|sk-nemo-)[\w-]{20,}`)
)

// named is a text with names in the place of ids.
func (s *story) named(text string) string {
	text = uuids.ReplaceAllStringFunc(text, func(id string) string {
		if name := s.names[id]; name != "" {
			return name
		}
		return "…"
	})
	return tokens.ReplaceAllStringFunc(text, func(token string) string {
		if name := s.names[token]; name != "" {
			return name
		}
		return "…"
	})
}

// name gives an id or a token its name.
func (s *story) name(id, format string, args ...any) string {
	name := fmt.Sprintf(format, args...)
	s.names[id] = name
	return name
}

// pattern is a path without what varies.
func pattern(path string) string { return uuids.ReplaceAllString(path, "{id}") }

func (s *story) freshKey() string { s.keys++; return fmt.Sprintf("call-%d", s.keys) }

// tick begins a step: time goes on a little, unless it was set to a moment that matters.
func (s *story) tick() {
	if !s.exact {
		s.now = s.now.Add(time.Millisecond)
	}
	s.exact, s.within, s.counting, s.touched = false, false, false, false
	s.world.Clock.Stop(s.now)
}

// check reads what the step wrote and looks at everything.
func (s *story) check() {
	changed, written := s.view.Refresh()
	s.agree(s.view.Books())
	if written {
		s.whole(s.view.Books().Broken())
	}
	s.whole(s.world.Leaks(changed))
}

// conclude reads the table whole, and ends some stories with a try of every credential and
// every foreign id.
func (s *story) conclude() {
	missed := map[string]bool{}
	for _, r := range s.view.Rows() {
		missed[at(r)] = true
	}
	for _, r := range s.world.Rows() {
		s.unless(missed[at(r)] || r.Text("pk") == "GATEWAY", "there is an item that nobody saw being written: %s", at(r))
		delete(missed, at(r))
	}
	s.unless(len(missed) == 0, "items are gone that nobody saw being deleted")
	if s.probed {
		s.whole(s.world.Probe(s.view.Books()))
	}
}

func at(r apitest.Row) string { return r.Text("pk") + " " + r.Text("sk") }

func (s *story) whole(broken []string) {
	if len(broken) > 0 {
		for _, b := range broken {
			s.t.Logf("%s", s.named(b))
		}
		s.fail("%s", broken[0])
	}
}
