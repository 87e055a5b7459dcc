package apitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Wire is the connection to the engine. It counts what goes over it, and tests break it:
// everything that can go wrong between the program and DynamoDB goes wrong here.
type Wire struct {
	at      string // the engine's endpoint
	mu      sync.Mutex
	hook    Hook
	calls   []Call
	metered bool
	viewed  bool // by a View, which wants to know of all calls
	ticks   int
}

// beside is another connection to the same engine, which nobody breaks or counts.
func (w *Wire) beside() *Wire { return &Wire{at: w.at} }

// Call is one request to the engine.
type Call struct {
	Operation  string  // such as TransactWriteItems
	Actions    int     // of a transaction; else 1
	ReadUnits  float64 // consumed; only when metered
	WriteUnits float64
	Body       []byte // as sent
	Began      int    // when it was sent and when it was answered, in ticks of the wire:
	Ended      int    // each moment of all calls is one
	idle       bool   // it changed nothing: it was never sent, or the engine refused it
}

// connections are kept for as many calls as are made at once.
var connections = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// Hook sees every call before it is sent. It may answer in the engine's place, or send and
// then lose the answer. A nil Hook lets everything through.
type Hook func(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error)

// Break puts a hook on the wire until the returned function is called.
func (w *Wire) Break(h Hook) (mend func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hook = h
	return func() { w.Break(nil) }
}

// Record forgets earlier calls, runs f and returns the calls that f made.
func (w *Wire) Record(f func()) []Call {
	w.mu.Lock()
	w.calls, w.metered = nil, true
	w.mu.Unlock()
	f()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.metered = false
	return w.calls
}

// Do sends a request, as the SDK's HTTP client.
func (w *Wire) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil } // for hooks
	w.mu.Lock()
	hook, metered, kept := w.hook, w.metered, w.metered || w.viewed
	w.mu.Unlock()
	if metered {
		body = withCapacity(body) // the local engine does not check signatures
	}
	call := Call{Operation: operation(r), Actions: bytes.Count(body, []byte(`"TableName"`)), Body: body, Began: w.tick(), idle: true}
	send := func() (*http.Response, error) {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		answer, err := connections.Do(r)
		call.idle = err == nil && answer.StatusCode != http.StatusOK
		return answer, err
	}
	through := func() (*http.Response, error) { return through(hook, call, r, send) }
	var answer *http.Response
	if metered {
		answer, err = call.metered(w, r, through)
	} else {
		answer, err = through()
	}
	call.Ended = w.tick()
	if kept {
		w.mu.Lock()
		w.calls = append(w.calls, call)
		w.mu.Unlock()
	}
	return answer, err
}

// LongestChain is how many of the calls were made one after the other: each of them began after
// the one before it had ended.
func LongestChain(calls []Call) (n int) {
	byEnd := slices.SortedFunc(slices.Values(calls), func(a, b Call) int { return a.Ended - b.Ended })
	free := 0
	for _, c := range byEnd {
		if c.Began >= free {
			n, free = n+1, c.Ended
		}
	}
	return n
}

func (w *Wire) tick() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ticks++
	return w.ticks
}

// metered sends the call and notes what it consumed: reads as the engine says, writes as
// weigh.go weighs them.
func (c *Call) metered(w *Wire, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if !writes(r) {
		answer, err := send()
		if err == nil {
			c.ReadUnits, err = capacity(answer, c.Body)
		}
		return answer, err
	}
	scale, err := weighing(w, c.Operation, c.Body)
	if err != nil {
		return nil, err
	}
	answer, err := send()
	if err == nil {
		c.WriteUnits, err = scale.units()
	}
	return answer, err
}

func through(h Hook, c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if h == nil {
		return send()
	}
	return h(c, r, send)
}

func operation(r *http.Request) string {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return name
}

// withCapacity asks for the consumed units.
func withCapacity(body []byte) []byte {
	return append([]byte(`{"ReturnConsumedCapacity":"TOTAL",`), body[1:]...)
}

// capacity reads the consumed units of an answer and puts its body back. An item that was
// read by its key and does not exist takes a unit as well, or half of one, and so does a
// query that finds nothing: the local engine leaves both out.
func capacity(answer *http.Response, question []byte) (units float64, err error) {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	if answer.StatusCode != http.StatusOK {
		return 0, nil
	}
	type consumed struct{ CapacityUnits float64 }
	var one struct{ ConsumedCapacity consumed } // of GetItem, Query and Scan
	if json.Unmarshal(body, &one) == nil {
		var asked struct{ ConsistentRead bool }
		err := json.Unmarshal(question, &asked)
		return max(one.ConsumedCapacity.CapacityUnits, least(asked.ConsistentRead)), err
	}
	var many struct {
		ConsumedCapacity []consumed
		Responses        map[string][]json.RawMessage
		UnprocessedKeys  map[string]struct{ Keys []json.RawMessage }
	}
	var asked struct {
		RequestItems map[string]struct {
			Keys           []json.RawMessage
			ConsistentRead bool
		}
	}
	if err := errors.Join(json.Unmarshal(body, &many), json.Unmarshal(question, &asked)); err != nil {
		return 0, err
	}
	for _, c := range many.ConsumedCapacity {
		units += c.CapacityUnits
	}
	for table, part := range asked.RequestItems {
		missing := len(part.Keys) - len(many.Responses[table]) - len(many.UnprocessedKeys[table].Keys)
		units += float64(missing) * least(part.ConsistentRead)
	}
	return units, nil
}

// least is what a read of nothing consumes.
func least(consistent bool) float64 {
	if consistent {
		return 1
	}
	return 0.5
}

// Answer is an error in the engine's words, for hooks to answer with.
func Answer(r *http.Request, status int, kind string, fields map[string]any) *http.Response {
	doc := map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + kind, "message": kind}
	for name, value := range fields {
		doc[name] = value
	}
	body, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
	}
}

// Conflict is the answer to a transaction of n actions that met another one.
func Conflict(r *http.Request, n int) *http.Response {
	reasons := make([]map[string]any, n)
	for i := range reasons {
		reasons[i] = map[string]any{"Code": "None"}
	}
	reasons[0] = map[string]any{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
	return Answer(r, http.StatusBadRequest, "TransactionCanceledException", map[string]any{"CancellationReasons": reasons})
}
