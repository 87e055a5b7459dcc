// Package apitest drives the whole API, in process, over the real engine: tests read like
// the sentences that they prove.
package apitest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/spend"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/sweep"
	"github.com/nemorouter/nemo-team/internal/web"
	"github.com/nemorouter/nemo-team/internal/wiring"
	"github.com/nemorouter/nemo-team/internal/wiring/site"
)

// World is the program, its table, its mail and its clock.
type World struct {
	testing.TB
	Clock   *Clock
	Mail    *Mail
	Wire    *Wire
	Store   *store.Store
	DB      *dynamodb.Client
	Table   string
	Sweeper sweep.Sweeper

	Reconciler spend.Reconciler

	// Heard is told of every request and its answer, if it is set.
	Heard func(*http.Request, *Reply)

	settings wiring.Settings
	handler  http.Handler
	shown    *shown
}

// sharedTable is one table for all worlds that do not sweep: they keep apart by their orgs
// and addresses.
var sharedTable = sync.OnceValues(func() (string, error) {
	name := "shared-" + ident.New(time.Now())
	return name, store.CreateTable(context.Background(), client(&Wire{at: endpoints[0]}), name)
})

// New returns a world in the table that the package's tests share.
func New(t testing.TB, options ...Option) *World {
	t.Helper()
	table, err := sharedTable()
	if err != nil {
		t.Fatal(err)
	}
	return newWorld(t, endpoints[0], table, options)
}

// Alone returns a world in a table of its own, for tests that sweep or read it whole.
func Alone(t testing.TB, options ...Option) *World {
	t.Helper()
	table := "alone-" + ident.New(time.Now())
	at := nextEndpoint()
	db := client(&Wire{at: at})
	if err := store.CreateTable(context.Background(), db, table); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
			t.Error(err)
		}
	})
	return newWorld(t, at, table, options)
}

// Indexes are the names of all of the table's indexes.
func Indexes() (names []string) {
	for _, i := range store.Indexes() {
		names = append(names, i.Name)
	}
	return names
}

// FreshTable makes the table of a world that is Alone anew, with only the named indexes: the
// local engine spends most of its time on reading the table's description, and does so for
// each item.
func (w *World) FreshTable(indexes ...string) {
	w.Helper()
	w.Forget()
	ctx := context.Background()
	if _, err := w.DB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &w.Table}); err != nil {
		w.Fatal(err)
	}
	kept := slices.DeleteFunc(store.Indexes(), func(i store.Index) bool { return !slices.Contains(indexes, i.Name) })
	if len(kept) != len(indexes) {
		w.Fatalf("of the indexes %v there are only %v", indexes, kept)
	}
	if err := store.CreateTableWith(ctx, w.DB, w.Table, kept); err != nil {
		w.Fatal(err)
	}
	gatewayTokens.Lock()
	defer gatewayTokens.Unlock()
	delete(gatewayTokens.byTable, w.Table)
}

// Option changes the settings of a world.
type Option func(*wiring.Settings)

// WithLimits sets the limits on invitations.
func WithLimits(l invites.Limits) Option { return func(s *wiring.Settings) { s.Limits = l } }

// Generous limits are out of the way of tests that are about something else.
var Generous = invites.Limits{NewOrgPerDay: 1e6, OrgPerDay: 1e6, ToPerDay: 1e6}

func newWorld(t testing.TB, at, table string, options []Option) *World {
	w := &World{TB: t, Clock: NewClock(), Mail: &Mail{}, Wire: &Wire{at: at}, Table: table, shown: &shown{}}
	w.DB = client(w.Wire)
	w.settings = wiring.Settings{
		Mailer: w.Mail, Now: w.Clock.Now, PublicURL: "http://team.test",
		InvitationLifetime: invites.Lifetime, Limits: Generous,
	}
	for _, o := range options {
		o(&w.settings)
	}
	w.Restart()
	return w
}

// Restart replaces the program by one that has just started, and remembers nothing.
func (w *World) Restart() {
	w.Store = store.New(w.DB, w.Table)
	w.settings.Store = w.Store
	app := wiring.With(w.settings)
	w.handler = web.Handler(app.API(), site.All(app)...)
	w.Sweeper, w.Reconciler = app.Sweeper(), app.Reconciler()
}

func client(wire *Wire) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(wire.at), HTTPClient: wire, Retryer: store.Retries(),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// Clock is a clock that tests set. It ticks with the real one.
type Clock struct {
	offset  atomic.Int64
	stopped atomic.Int64 // microseconds since the epoch, if Stop holds it
}

// NewClock returns a clock that shows the real time; in the last half hour of a day half an
// hour more, so that what begins on a day ends on it.
func NewClock() *Clock {
	const margin = 30 * time.Minute
	c := &Clock{}
	if now := c.Now(); now.Add(margin).Day() != now.Day() {
		c.Advance(margin)
	}
	return c
}

// Now is the time that the program believes.
func (c *Clock) Now() time.Time {
	if at := c.stopped.Load(); at != 0 {
		return time.UnixMicro(at).UTC()
	}
	return time.Now().Add(time.Duration(c.offset.Load())).UTC().Truncate(time.Microsecond)
}

// Advance moves the clock; one that is stopped shows it when it runs again.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }

// ToMidMonth moves the clock to noon in the middle of the next month, for what comes out in
// another way, or costs something else, when a month ends or has just begun: on its first days
// one more is open, for events that come late.
func (c *Clock) ToMidMonth() {
	now := c.Now()
	c.Advance(time.Date(now.Year(), now.Month()+1, 15, 12, 0, 0, 0, time.UTC).Sub(now))
}

var addresses atomic.Int64

// Address returns a fresh address whose local part begins with name.
func Address(name string) string {
	return fmt.Sprintf("%s.%d.%s@example.com", strings.ToLower(name), addresses.Add(1), ident.New(time.Now())[24:])
}

// Handler is the program as the network sees it.
func (w *World) Handler() http.Handler { return w.handler }

// Sweep runs the scheduled function once.
func (w *World) Sweep() sweep.Report {
	w.Helper()
	report, err := w.Sweeper.Sweep(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	return report
}
