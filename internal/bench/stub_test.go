package bench_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ses"

	"github.com/nemorouter/nemo-team/internal/apitest"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/mail"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
	"github.com/nemorouter/nemo-team/internal/wiring/site"
)

// ours is what our own code takes for an action, the AWS SDK included: the engine's answers
// are recorded ones, and so are those of SES.
type ours struct {
	allocs float64
	cpu    time.Duration // of all processors, garbage collection included
	took   time.Duration // the median of what one action takes
	mails  int
}

// oursOf does an action with the engine's answers and then n times without the engine. The
// clock stands still, so that the same questions are asked.
func oursOf(s *stage, do action, n int) (o ours, err error) {
	run := s.Clock.Stop(s.Clock.Now())
	defer run()
	stub := newStub(s)
	for _, stub.listens = range []listening{toAll, toNewReads, toNewReads} { // what was learned changes what is asked
		if _, err = do(stub.program); err != nil {
			return o, err
		}
	}
	stub.listens = toNothing
	stub.mails.Store(0)
	times := make([]time.Duration, n)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	began := processorTime()
	for i := range n {
		at := time.Now()
		if _, err = do(stub.program); err != nil {
			return o, err
		}
		times[i] = time.Since(at)
	}
	used := processorTime() - began
	runtime.ReadMemStats(&after)
	o.allocs = float64(after.Mallocs-before.Mallocs) / float64(n)
	slices.Sort(times)
	o.cpu, o.took, o.mails = used/time.Duration(n), times[n/2], int(stub.mails.Load())/n
	return o, nil
}

// processorTime is what this process has used of all processors. Unlike the time of day it
// tells what an action costs on a busy machine, garbage collection included.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// stub is the whole program over recorded answers, given in turn: to the same reads, and to
// writes of as many actions, for ids and secrets are never the same.
type stub struct {
	program
	engine aws.HTTPClient
	mails  atomic.Int64

	mu      sync.Mutex
	listens listening
	known   map[question]*replies
}

// listening is what a stub asks the engine.
type listening int

const (
	toNothing listening = iota
	toNewReads
	toAll
)

func newStub(s *stage) *stub {
	b := &stub{engine: s.Wire, known: map[question]*replies{}}
	who := credentials.NewStaticCredentialsProvider("test", "test", "")
	db := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: s.DB.Options().BaseEndpoint, HTTPClient: b, Retryer: store.Retries(), Credentials: who,
	})
	mailer := mail.Mailer{From: "team@acme.example", PublicURL: "http://team.test", SES: ses.New(ses.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://ses.test"), HTTPClient: b, Credentials: who,
	})}
	app := wiring.With(wiring.Settings{
		Store: store.New(db, s.Table), Mailer: mailer, Now: s.Clock.Now, PublicURL: "http://team.test", Metrics: io.Discard,
		InvitationLifetime: invites.Lifetime, Limits: apitest.Generous,
	})
	b.program = program{web.Handler(app.API(), site.All(app)...), app.Sweeper(), app.Reconciler()}
	return b
}

// Do answers as the SDK's HTTP client.
func (b *stub) Do(r *http.Request) (*http.Response, error) {
	_, operation, toEngine := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !toEngine {
		b.mails.Add(1)
		return answered(r, ofMail, reply{http.StatusOK, mailSent}), nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.listens == toNothing {
		known, err := b.replies(operation, r.Body)
		if err != nil {
			return nil, err
		}
		if len(known.all) == 0 {
			return nil, fmt.Errorf("bench: the engine was not asked such a %s before", operation)
		}
		return answered(r, ofEngine, known.take()), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	known, err := b.replies(operation, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if b.listens == toNewReads && len(known.all) > 0 {
		return answered(r, ofEngine, known.take()), nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return b.listen(r, known)
}

// listen asks the engine and remembers what it says.
func (b *stub) listen(r *http.Request, known *replies) (*http.Response, error) {
	answer, err := b.engine.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	known.all = append(known.all, reply{answer.StatusCode, body})
	return answered(r, ofEngine, reply{answer.StatusCode, body}), nil
}

// replies are those to requests like this one.
func (b *stub) replies(operation string, body io.Reader) (*replies, error) {
	q, err := questionOf(operation, body)
	if err != nil {
		return nil, err
	}
	if b.known[q] == nil {
		b.known[q] = &replies{}
	}
	return b.known[q], nil
}

// replies are answers that are given in turn.
type replies struct {
	all  []reply
	next int
}

type reply struct {
	status int
	body   []byte
}

func (rs *replies) take() reply {
	r := rs.all[rs.next]
	rs.next = (rs.next + 1) % len(rs.all)
	return r
}

// question tells one request from another: a read by the sum of the hashes of its body's
// texts, for the SDK writes the members of an object in any order; a write by the number of
// its actions. Finding it allocates nothing.
type question struct {
	write bool
	sum   uint64
}

const offset, prime = 14695981039346656037, 1099511628211 // of FNV-1a

// actionHash is the hash of what each action of a write has.
var actionHash = hashOf("TableName")

func hashOf(s string) uint64 {
	hash := uint64(offset)
	for _, b := range []byte(s) {
		hash = (hash ^ uint64(b)) * prime
	}
	return hash
}

func questionOf(operation string, body io.Reader) (q question, err error) {
	q.write = !strings.Contains(operation, "Get") && operation != "Query" && operation != "Scan"
	var chunk [512]byte
	for hash := uint64(offset); ; {
		n, err := body.Read(chunk[:])
		for _, b := range chunk[:n] {
			switch {
			case b == '"' && !q.write:
				q.sum, hash = q.sum+hash, offset
			case b == '"':
				if hash == actionHash {
					q.sum++
				}
				hash = offset
			case b != ',' && b != '{' && b != '}': // what stands between members depends on their order
				hash = (hash ^ uint64(b)) * prime
			}
		}
		if err == io.EOF {
			return q, nil
		}
		if err != nil {
			return q, err
		}
	}
}

// Answers share their headers, which nobody changes.
var (
	ofEngine = http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	ofMail   = http.Header{"Content-Type": {"text/xml"}}
)

var mailSent = []byte(`<SendEmailResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><SendEmailResult>` +
	`<MessageId>0102</MessageId></SendEmailResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></SendEmailResponse>`)

func answered(r *http.Request, header http.Header, a reply) *http.Response {
	return &http.Response{
		StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: header, Body: newBody(a.body), ContentLength: int64(len(a.body)),
	}
}
