package faults_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/secret"
)

// moment is what is stored and mailed at some time.
type moment struct {
	items map[string]string
	mails int
}

func (w *world) moment() moment {
	w.Helper()
	m := moment{map[string]string{}, len(w.box.List(""))}
	for _, row := range w.Rows() {
		m.items[row.Text("pk")+" / "+row.Text("sk")] = shown(row)
	}
	return m
}

// outcome is what an operation left behind, without what differs each time: ids, secrets,
// times. Two runs of one operation have the same outcome.
type outcome struct{ changes, mails []string }

// since compares what is with what was.
func (w *world) since(before moment) outcome {
	w.Helper()
	now := w.moment()
	var out outcome
	for key, item := range now.items {
		if before.items[key] != item && !forgettable.MatchString(key) {
			out.changes = append(out.changes, plain(item))
		}
	}
	for key := range before.items {
		if now.items[key] == "" && !forgettable.MatchString(key) {
			out.changes = append(out.changes, "gone: "+plain(key))
		}
	}
	slices.Sort(out.changes)
	letters := map[string]bool{}
	for _, m := range w.box.List("")[:now.mails-before.mails] { // newest first
		letters[plain(m.To+": "+m.Subject)] = true
	}
	out.mails = slices.Sorted(maps.Keys(letters)) // more than once each is allowed
	return out
}

// forgettable is what counts tries, or is left by tries that led nowhere and ends by itself.
var forgettable = regexp.MustCompile(`^(LINK|MAILS|ONCE)#`)

// shown is an item but for what tells how a mail was tried.
func shown(row apitest.Row) string {
	row = maps.Clone(row)
	for _, name := range []string{"attempts", "start", "end"} {
		delete(row, name)
	}
	return fmt.Sprint(row)
}

// varying is what differs from run to run, and what it is shown as. The order matters.
var varying = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}`), "ID"},
	{regexp.MustCompile(`[0-9a-f]{64}`), "HASH"},
	{regexp.MustCompile(`\.\d+\.[0-9a-f]{12}@example\.com`), "@"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:.]+Z?`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d(-\d\d)?`), "DATE"},
	{regexp.MustCompile(`\d(\.\d+)?e\+15`), "TIME"},
	{regexp.MustCompile(`1\.[789]\d*e\+09`), "TTL"},
	{regexp.MustCompile(`10\.\d+\.\d+\.\d+`), "ADDRESS"},
	{regexp.MustCompile(`acme-[0-9a-z]+`), "acme"},
	{regexp.MustCompile(`due_shard:\S+`), "due_shard:SHARD"},
	{regexp.MustCompile(`\b([cr])\d\d:`), "${1}DAY:"},
	{regexp.MustCompile(`holds:map\[\d+:`), "holds:map[SLOT:"},
	{regexp.MustCompile(`(EVENT#ID)#\d+`), "$1#BUCKET"},
	{regexp.MustCompile(`DAY#\d\d#\d+#\d+`), "DAY#SHARD"},
}

func plain(s string) string {
	for _, v := range varying {
		s = v.is.ReplaceAllString(s, v.as)
	}
	return s
}

// want fails the test unless this is the outcome of a run in which nothing failed.
func (o outcome) want(t interface {
	Helper()
	Errorf(string, ...any)
}, want outcome) {
	t.Helper()
	for _, c := range []struct {
		what      string
		got, want []string
	}{{"stored", o.changes, want.changes}, {"mailed", o.mails, want.mails}} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s otherwise than without the fault:\nbeside  %s\nmissing %s", c.what,
				strings.Join(without(c.got, c.want), "\n        "), strings.Join(without(c.want, c.got), "\n        "))
		}
	}
}

// without are those of a that b has fewer of.
func without(a, b []string) (rest []string) {
	left := map[string]int{}
	for _, s := range b {
		left[s]++
	}
	for _, s := range a {
		if left[s]--; left[s] < 0 {
			rest = append(rest, s)
		}
	}
	return rest
}

// checkLinks fails the test unless the last link that each invited person was mailed is the
// one that works.
func (w *world) checkLinks(books apitest.Books) {
	w.Helper()
	for _, o := range books.Orgs {
		for id, i := range o.Invitations {
			if i.Text("status") == "pending" && i.Text("delivery") == "sent" && secret.Hash(w.Mail.Token(i.Text("email"))) != i.Text("hash") {
				w.Errorf("invitation %s was mailed, and the last link does not work", id)
			}
		}
	}
}
