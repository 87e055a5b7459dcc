package apitest

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
)

// ErrWire is what a broken connection says.
var ErrWire error = syscall.ECONNRESET

// Refuse is a connection that breaks before the request is sent: nothing happened.
func Refuse(Call, *http.Request, func() (*http.Response, error)) (*http.Response, error) {
	return nil, ErrWire
}

// Lose is a connection that breaks after the engine did its work: it happened, and nobody
// heard of it.
func Lose(_ Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	answer, err := send()
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return nil, err
	}
	return nil, ErrWire
}

// CutOff is an answer that breaks off in its middle.
func CutOff(_ Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	answer, err := send()
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	half := bytes.NewReader(body[:len(body)/2])
	answer.Body = io.NopCloser(io.MultiReader(half, brokenReader{}))
	return answer, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Says is an engine that answers with an error of its own.
func Says(kind string) Hook {
	return func(_ Call, r *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		return Answer(r, http.StatusBadRequest, kind, nil), nil
	}
}

// InProgress is an engine that says that it is still busy with the transaction of this
// token: it does it, and answers before it is done.
func InProgress(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if _, err := Lose(c, r, send); err != ErrWire {
		return nil, err
	}
	return Answer(r, http.StatusBadRequest, "TransactionInProgressException", nil), nil
}

// Conflicts makes a share of all transactions meet others, as they do in the cloud and
// never in the local engine.
func Conflicts(share float64) Hook {
	return func(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == "TransactWriteItems" && rand.Float64() < share {
			return Conflict(r, c.Actions), nil
		}
		return send()
	}
}

// Piecemeal answers batches of reads one item at a time, and leaves the others unprocessed.
func Piecemeal(c Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	answer, err := send()
	if err != nil || c.Operation != "BatchGetItem" {
		return answer, err
	}
	var doc struct {
		Responses       map[string][]map[string]any
		UnprocessedKeys map[string]any
	}
	if err := json.NewDecoder(answer.Body).Decode(&doc); err != nil {
		return nil, err
	}
	doc.UnprocessedKeys = map[string]any{}
	for table, items := range doc.Responses {
		if len(items) < 2 {
			continue
		}
		var left []map[string]any
		for _, item := range items[1:] {
			left = append(left, map[string]any{"pk": item["pk"], "sk": item["sk"]})
		}
		doc.Responses[table] = items[:1]
		doc.UnprocessedKeys[table] = map[string]any{"Keys": left, "ConsistentRead": true}
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	answer.Header.Del("X-Amz-Crc32") // it was of the whole answer
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return answer, nil
}

// On limits a fault to one operation of the engine, such as TransactWriteItems.
func On(operation string, h Hook) Hook {
	return func(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == operation {
			return h(c, r, send)
		}
		return send()
	}
}

// Once limits a fault to the first request that it meets. The SDK's retry gets through.
func Once(h Hook) Hook {
	var struck atomic.Bool
	return func(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if struck.CompareAndSwap(false, true) {
			return h(c, r, send)
		}
		return send()
	}
}

// Nth limits a fault to the nth call, from 1, and all retries that the SDK makes of it. It
// counts the calls that it has seen.
type Nth struct {
	N     int
	Fault Hook

	mu   sync.Mutex
	seen map[string]int // by invocation, which retries share
}

// Hook is the fault, limited.
func (n *Nth) Hook(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
	if n.number(r) == n.N {
		return n.Fault(c, r, send)
	}
	return send()
}

// Calls is how many calls there have been.
func (n *Nth) Calls() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.seen)
}

func (n *Nth) number(r *http.Request) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[string]int{}
	}
	id := r.Header.Get("Amz-Sdk-Invocation-Id")
	if n.seen[id] == 0 {
		n.seen[id] = len(n.seen) + 1
	}
	return n.seen[id]
}

// Meanwhile lets something happen just before the first call of an operation is sent: what
// was read until then is out of date.
func Meanwhile(operation string, happens func()) Hook {
	var struck atomic.Bool
	return func(c Call, _ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if c.Operation == operation && struck.CompareAndSwap(false, true) {
			happens()
		}
		return send()
	}
}

// BeforeWrite is Meanwhile for the first write that holds the text, such as part of a key.
func BeforeWrite(text string, happens func()) Hook {
	var struck atomic.Bool
	return func(c Call, r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if writes(r) && bytes.Contains(c.Body, []byte(text)) && struck.CompareAndSwap(false, true) {
			happens()
		}
		return send()
	}
}
