package functions_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

// BenchmarkMemory shows the most memory that a function has had after its worst requests, or
// after its sample, where all take about as much: one row and one page. What it may have
// stands in infra/rows.go. What a batch of events takes is shown for several sizes: it must
// not grow with their number.
//
//	go test ./functions -run '^$' -bench Memory -benchtime 1x
func BenchmarkMemory(b *testing.B) {
	secrets := secretsOf(b, founded(b), fmt.Sprintf("dora.%d@acme.com", time.Now().UnixNano()))
	for _, name := range folders(b) {
		if !slices.ContainsFunc(loads, func(l load) bool { return l.function == name }) {
			event := []byte(secrets.Replace(string(readSample(b, name))))
			b.Run(name, func(b *testing.B) { reportPeak(b, name, "", func() []byte { return event }) })
		}
	}
	for _, l := range loads {
		b.Run(l.function+" ("+l.what+")", func(b *testing.B) { reportPeak(b, l.function, l.says, l.prepare(b)) })
	}
}

// reportPeak sends a function some events, and tells the most memory that it had.
func reportPeak(b *testing.B, function, says string, event func() []byte) {
	b.Helper()
	p, err := runtimeapi.Start(filepath.Join(binaries, function), slices.Concat(environment, manyInvitations))
	if err != nil {
		b.Fatal(err)
	}
	const again = 3 // garbage of one request is there with the next
	for i := range again {
		r, err := p.Invoke(b.Context(), event())
		if err != nil || r.Error != nil {
			b.Fatalf("%v %s", err, r.Error)
		}
		if i == 0 { // what can be done once is refused the next time
			wantDone(b, r.Answer, says)
		}
	}
	peak, err := p.Peak()
	if err := errors.Join(err, p.Stop()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
}

// wantDone fails unless a request was answered with what it asked for, and the answer says
// so: a refusal, or work that is not there, takes no memory worth telling.
func wantDone(b *testing.B, answer []byte, says string) {
	b.Helper()
	a := struct {
		StatusCode int
		Body       string
	}{Body: string(answer)} // of what a clock starts, which answers without a status
	if err := json.Unmarshal(answer, &a); err != nil || a.StatusCode >= 300 || !regexp.MustCompile(says).MatchString(a.Body) {
		b.Fatalf("%v, status %d, not %q: %.500s", err, a.StatusCode, says, a.Body)
	}
}

// manyInvitations lets a new org invite as many as it likes, to be due at once.
var manyInvitations = []string{"NEMO_INVITATION_TTL=1s", "NEMO_INVITATIONS_PER_DAY_NEW=1000000"}

// load is what takes a function much memory.
type load struct {
	function, what string
	says           string // the first answer, as a regular expression
	// prepare makes what the function finds, and returns what makes its events.
	prepare func(b *testing.B) (event func() []byte)
}

var loads = []load{
	{"signup", "mail", "", func(b *testing.B) func() []byte {
		e, _ := signingUp(b)
		return always(b, e)
	}},
	{"sessions", "mail", "", func(b *testing.B) func() []byte {
		e, address := signingUp(b)
		foundBy(b, e, address)
		ask := request(b, "POST", "/v1/sessions").json(b, map[string]any{"email": address})
		ask.RequestContext.HTTP.SourceIP = e.RequestContext.HTTP.SourceIP
		return always(b, ask)
	}},
	{"invite", "100 invitations", `"status":201`, func(b *testing.B) func() []byte {
		o := founded(b)
		return func() []byte { return o.bulk(b, 100).raw(b) }
	}},
	{"verify", "batch of 100 keys", `"code":"ok"`, func(b *testing.B) func() []byte { return always(b, founder(b).asked(b, 100)) }},
	ingesting("1 event", 1, 0),
	ingesting("100 events", 100, 0),
	ingesting("1000 events", 1000, 0),
	ingesting("1000 events of 5 MiB", 1000, 5<<20),
	{"reports", "file of 1000 entries", `key\.updated`, func(b *testing.B) func() []byte {
		o := founder(b)
		o.edited(b, 1000)
		file := request(b, "GET", "/v1/audit").bearing(o.key)
		file.Headers["accept"] = "text/csv"
		return always(b, file)
	}},
	{"reports", "spend of 10000 keys", `"requests":10001`, func(b *testing.B) func() []byte {
		return always(b, request(b, "GET", "/v1/spend?group_by=key,day").bearing(spender(b).key))
	}},
	{"dashboard", "spend of 10000 keys", `10,001`, func(b *testing.B) func() []byte {
		o := spender(b)
		return always(b, request(b, "GET", "/"+o.org(b, "slug")+"/spend").withCookies("__Host-nemo_session="+o.session))
	}},
	{"expire", "1000 invitations", `"expired":\d{4}`, func(b *testing.B) func() []byte {
		o := founded(b)
		for range 10 {
			o.bulk(b, 100).call(b, "invite", manyInvitations...).want(b, 200)
		}
		time.Sleep(time.Second) // now they are due
		return sampled(b, "expire")
	}},
	{"expire", "purge of 1000 members", `"purged":1`, func(b *testing.B) func() []byte {
		founder(b).left(b, 1000)
		return sampled(b, "expire")
	}},
}

// ingesting reports events, with padding up to so many bytes in all.
func ingesting(what string, events, bytes int) load {
	return load{"ingest", what, fmt.Sprintf(`"counted":%d\b`, events), func(b *testing.B) func() []byte {
		o, padding := founded(b), max(0, bytes/events-eventBytes)
		return func() []byte { return o.spends(b, events, padding).raw(b) }
	}}
}

// always sends the same request again and again.
func always(b *testing.B, e event) func() []byte {
	b.Helper()
	content := e.raw(b)
	return func() []byte { return content }
}

// sampled is what a clock sends.
func sampled(b *testing.B, function string) func() []byte {
	b.Helper()
	content := readSample(b, function)
	return func() []byte { return content }
}

// bulk invites n people.
func (o owner) bulk(t testing.TB, n int) event {
	t.Helper()
	var people []map[string]any
	for i := range n {
		people = append(people, map[string]any{"email": fmt.Sprintf("bulk.%d.%d@acme.com", i, time.Now().UnixNano()), "role": "member"})
	}
	return request(t, "POST", "/v1/invitations/bulk").bearing(o.session).json(t, map[string]any{"invitations": people})
}

// eventBytes is what an event without padding takes at most.
const eventBytes = 320

// spends reports n events of the owner's key, each with so many bytes beside that nobody
// asks for, as gateways send them.
func (o owner) spends(t testing.TB, n, padding int) event {
	t.Helper()
	sum, beside := sha256.Sum256([]byte(o.key)), strings.Repeat("x", padding)
	var events []map[string]any
	for i := range n {
		events = append(events, map[string]any{
			"event_id": fmt.Sprint(i, "-", time.Now().UnixNano()), "key_hash": hex.EncodeToString(sum[:]), "model": "gpt-4o-mini", "cost_usd": "0.001",
			"prompt_tokens": 100, "completion_tokens": 10, "at": time.Now().UTC().Format(time.RFC3339Nano), "beside": beside,
		})
	}
	return request(t, "POST", "/v1/spend/events").bearing(gatewayToken).json(t, events)
}

// raw is the event as Lambda hands it over.
func (e event) raw(t testing.TB) []byte {
	t.Helper()
	content, err := json.Marshal(e.APIGatewayV2HTTPRequest)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
