package functions_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
)

// BenchmarkMemory shows the most memory that a function has had after its worst requests;
// most do no more than one row and one page. What it may have stands in infra/rows.go. What
// a batch of events takes is shown for several sizes: it must not grow with their number.
//
//	go test ./functions -run '^$' -bench Memory -benchtime 1x
func BenchmarkMemory(b *testing.B) {
	for _, name := range folders(b) {
		b.Run(name, func(b *testing.B) { reportPeak(b, name, worst(b, name)) })
	}
	for name, batch := range map[string]struct{ events, bytes int }{
		"1 event": {1, 0}, "100 events": {100, 0}, "1000 events of 5 MiB": {1000, 5 << 20},
	} {
		b.Run("ingest ("+name+")", func(b *testing.B) {
			o := founded(b)
			padding := max(0, batch.bytes/batch.events-eventBytes)
			reportPeak(b, "ingest", func() []byte { return o.spends(b, batch.events, padding).raw(b) })
		})
	}
}

// reportPeak sends a function some events, and tells the most memory that it had.
func reportPeak(b *testing.B, function string, event func() []byte) {
	b.Helper()
	p, err := runtimeapi.Start(filepath.Join(binaries, function), slices.Concat(environment, manyInvitations))
	if err != nil {
		b.Fatal(err)
	}
	const again = 3 // garbage of one request is there with the next
	for range again {
		if r, err := p.Invoke(b.Context(), event()); err != nil || r.Error != nil {
			b.Fatalf("%v %s", err, r.Error)
		}
	}
	peak, err := p.Peak()
	if err := errors.Join(err, p.Stop()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
}

// manyInvitations lets a new org invite as many as it likes, to be due at once.
var manyInvitations = []string{"NEMO_INVITATION_TTL=1s", "NEMO_INVITATIONS_PER_DAY_NEW=1000000"}

// worst returns what makes the largest events for a function.
func worst(b *testing.B, function string) (event func() []byte) {
	b.Helper()
	switch function {
	case "invite":
		o := founded(b)
		return func() []byte { return o.bulk(b, 100).raw(b) }
	case "expire":
		o := founded(b)
		for range 10 {
			o.bulk(b, 100).call(b, "invite", manyInvitations...).want(b, 200)
		}
		time.Sleep(time.Second) // now they are due
	case "ingest":
		o := founded(b)
		return func() []byte { return o.spends(b, 1000, 0).raw(b) }
	}
	sample := readSample(b, function)
	return func() []byte { return sample }
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
