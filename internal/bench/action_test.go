package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/sweep"
)

// program is what actions are done to: the one over the engine, or one over recorded answers.
type program struct {
	http.Handler
	sweep.Sweeper
	spend.Reconciler
}

func programOf(w *apitest.World) program { return program{w.Handler(), w.Sweeper, w.Reconciler} }

// action is something to do to a program. It returns the size of the answer.
type action func(p program) (answered int, err error)

// request is an action that sends a request.
type request struct {
	method, path string
	body         []byte
	header       http.Header
	from         string
	status       int // that must come back
}

// as is a request of somebody to the API. A path may begin with its method.
func as(p *apitest.Person, status int, route string, body any) *request {
	method, path, _ := strings.Cut(route, " ")
	r := &request{method: method, path: path, status: status, header: http.Header{}, from: apitest.Source()}
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			p.Fatal(err)
		}
		r.body = content
		r.header.Set("Content-Type", "application/json")
	}
	if p.Token != "" {
		r.header.Set("Authorization", "Bearer "+p.Token)
	}
	return r
}

// browse is a request of somebody's browser, which takes compressed answers. Fields are those of the form that it posts.
func browse(p *apitest.Person, status int, route string, fields ...string) *request {
	method, path, _ := strings.Cut(route, " ")
	r := &request{method: method, path: path, status: status, header: http.Header{"Accept-Encoding": {"gzip"}}, from: apitest.Source()}
	if method == http.MethodPost {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Add(fields[i], fields[i+1])
		}
		r.body = []byte(form.Encode())
		r.header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if p.Token != "" {
		r.header.Set("Cookie", "__Host-nemo_session="+p.Token)
	}
	return r
}

func (r *request) with(name, value string) *request {
	r.header.Set(name, value)
	return r
}

// must sends the request now, for what is measured later.
func (r *request) must(s *stage) {
	s.Helper()
	if _, err := r.do(programOf(s.World)); err != nil {
		s.Fatal(err)
	}
}

// do sends the request, with as little work of its own as can be.
func (r *request) do(p program) (int, error) {
	to, err := url.ParseRequestURI(r.path)
	if err != nil {
		return 0, err
	}
	answer := &answer{header: http.Header{}}
	p.ServeHTTP(answer, &http.Request{
		Method: r.method, URL: to, RequestURI: r.path, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Host: "example.com",
		Header: r.header.Clone(), Body: newBody(r.body), ContentLength: int64(len(r.body)), RemoteAddr: r.from,
	})
	if answer.status != r.status {
		return 0, fmt.Errorf("%s %s: got %d, want %d: %s", r.method, r.path, answer.status, r.status, &answer.Buffer)
	}
	return answer.Len(), nil
}

// body is what is read of a request or an answer.
type body struct{ bytes.Reader }

func newBody(content []byte) *body {
	b := &body{}
	b.Reset(content)
	return b
}

func (*body) Close() error { return nil }

type answer struct {
	bytes.Buffer
	header http.Header
	status int
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.Buffer.Write(b)
}

func sweepOnce(p program) (int, error) {
	_, err := p.Sweep(context.Background())
	return 0, err
}

func reconcileOnce(p program) (int, error) {
	_, err := p.Reconcile(context.Background(), spend.Period{})
	return 0, err
}
