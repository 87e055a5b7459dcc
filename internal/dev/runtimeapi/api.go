package runtimeapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxAnswer is what Lambda takes as the answer to a synchronous invocation.
const maxAnswer = 6 << 20

// invocation is one event on its way to the function.
type invocation struct {
	id       string
	event    []byte
	arn      string
	traceID  string
	deadline time.Time
}

// outcome is what the function made of an invocation.
type outcome struct {
	answer  []byte
	failure []byte // the function's error document
}

// api is the server side of the Runtime API for one function process, which
// polls, answers and polls again, one thing at a time.
type api struct {
	server   *http.Server
	address  string
	polls    chan time.Time  // the function asked for work
	events   chan invocation // work for a function that asked
	outcomes chan outcome

	mu      sync.Mutex
	current string // the id that may be answered
	initErr []byte // what the function said when it could not even start
}

// listen serves the API on a free port of the loopback interface.
func listen() (*api, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &api{
		address:  l.Addr().String(),
		polls:    make(chan time.Time),
		events:   make(chan invocation),
		outcomes: make(chan outcome, 1),
	}
	a.server = &http.Server{Handler: a.routes(), ReadHeaderTimeout: time.Second}
	go a.server.Serve(l)
	return a, nil
}

func (a *api) routes() http.Handler {
	const prefix = "/2018-06-01/runtime"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+prefix+"/invocation/next", a.next)
	mux.HandleFunc("POST "+prefix+"/invocation/{id}/response", a.answer(func(body []byte) outcome { return outcome{answer: body} }))
	mux.HandleFunc("POST "+prefix+"/invocation/{id}/error", a.answer(func(body []byte) outcome { return outcome{failure: body} }))
	mux.HandleFunc("POST "+prefix+"/init/error", a.initError)
	return mux
}

func (a *api) close() {
	a.server.Close()
}

// next tells that the function is idle, and holds it until there is an event.
func (a *api) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.polls <- time.Now():
	case <-r.Context().Done():
		return
	}
	select {
	case i := <-a.events:
		writeInvocation(w, i)
	case <-r.Context().Done():
	}
}

func writeInvocation(w http.ResponseWriter, i invocation) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", i.arn)
	h.Set("Lambda-Runtime-Trace-Id", i.traceID)
	_, _ = w.Write(i.event)
}

// exchange hands an event to the function, which must be idle, and returns what
// the function makes of it. The error is the cause of the context's end.
func (a *api) exchange(ctx context.Context, i invocation) (outcome, error) {
	a.expect(i.id)
	select {
	case a.events <- i:
	case <-ctx.Done():
		return outcome{}, context.Cause(ctx)
	}
	select {
	case o := <-a.outcomes:
		return o, nil
	case <-ctx.Done():
	}
	// A function that panics reports that and exits: both may have happened.
	select {
	case o := <-a.outcomes:
		return o, nil
	default:
		return outcome{}, context.Cause(ctx)
	}
}

func (a *api) expect(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = id
}

// take reports whether the id is the one to be answered, once.
func (a *api) take(id string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if id == "" || id != a.current {
		return false
	}
	a.current = ""
	return true
}

func (a *api) answer(as func(body []byte) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
		if err != nil {
			refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
			return
		}
		if !a.take(r.PathValue("id")) {
			refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
			return
		}
		a.outcomes <- as(body)
		accept(w)
	}
}

func (a *api) initError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	a.mu.Lock()
	a.initErr = body
	a.mu.Unlock()
	accept(w)
}

// initFailure returns the function's own word on why it could not start, if any.
func (a *api) initFailure() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.initErr
}

func accept(w http.ResponseWriter) {
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"errorType":%q,"errorMessage":%q}`, kind, message)
}
