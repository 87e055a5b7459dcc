// Package wiring builds what the functions need from the environment. Nothing else reads
// the environment; each method reads only the variables that it needs. What only some
// programs should link stands in the packages below.
package wiring

import (
	"cmp"
	"io"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/nemorouter/nemo-team/internal/authn"
	"github.com/nemorouter/nemo-team/internal/budgets"
	"github.com/nemorouter/nemo-team/internal/invites"
	"github.com/nemorouter/nemo-team/internal/keys"
	"github.com/nemorouter/nemo-team/internal/members"
	"github.com/nemorouter/nemo-team/internal/sessions"
	"github.com/nemorouter/nemo-team/internal/signup"
	"github.com/nemorouter/nemo-team/internal/store"
	"github.com/nemorouter/nemo-team/internal/web"
)

// App is one program's parts, each made when first asked for.
type App struct {
	store     func() *store.Store
	mailer    func() Mailer
	now       func() time.Time
	publicURL func() string
	lifetime  func() time.Duration
	limits    func() invites.Limits
	prepaid   func() bool
	keyPrefix func() keys.Prefix
	metrics   io.Writer
}

// now is the time to the microsecond, which is what the table keeps: an answer shows the
// same time before and after.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Mailer sends all mails.
type Mailer interface {
	invites.Mailer
	sessions.LinkMailer
	signup.Mailer
	budgets.Mailer
	members.NewsMailer
}

// New returns an app that logs JSON and makes everything from the environment. It sends no
// mail: programs that do begin with mailing.New.
func New() *App {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	return &App{
		store:     sync.OnceValue(func() *store.Store { return store.New(DynamoDB(), tableName.value()) }),
		mailer:    func() Mailer { panic("wiring: this program sends no mail") },
		now:       now,
		publicURL: origin,
		lifetime:  invitationTTL.duration,
		limits:    limits,
		prepaid:   prepaid.on,
		keyPrefix: func() keys.Prefix { return keys.Prefix(keyPrefix.value()) },
		metrics:   os.Stdout,
	}
}

// WithoutMetrics keeps an app from writing any: nobody reads them on a terminal.
func (a *App) WithoutMetrics() *App {
	a.metrics = nil
	return a
}

// Settings are an app's parts and values, given instead of found.
type Settings struct {
	Store              *store.Store
	Mailer             Mailer
	Now                func() time.Time
	PublicURL          string
	InvitationLifetime time.Duration
	Limits             invites.Limits
	Prepaid            bool
	KeyPrefix          keys.Prefix // empty: keys.DefaultPrefix
	Metrics            io.Writer   // nil: none are written
}

// With returns an app that reads nothing from the environment, for tests.
func With(s Settings) *App {
	return &App{
		store:     func() *store.Store { return s.Store },
		mailer:    func() Mailer { return s.Mailer },
		now:       s.Now,
		publicURL: func() string { return s.PublicURL },
		lifetime:  func() time.Duration { return s.InvitationLifetime },
		limits:    func() invites.Limits { return s.Limits },
		prepaid:   func() bool { return s.Prepaid },
		keyPrefix: func() keys.Prefix { return cmp.Or(s.KeyPrefix, keys.DefaultPrefix) },
		metrics:   s.Metrics,
	}
}

// DynamoDB returns the client.
func DynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       region.value(),
		Credentials:  environmentCredentials(),
		BaseEndpoint: endpoint(dynamoDBEndpoint),
		Retryer:      store.Retries(),
	})
}

// MailSettings are what the environment says of mail, and of SES.
type MailSettings struct {
	Region           string
	Credentials      aws.CredentialsProvider
	Endpoint         *string
	From             string
	PublicURL        string
	ConfigurationSet string
}

// WithMail returns the app with a mailer, which is made of the environment's settings when
// it is first asked for.
func (a *App) WithMail(newMailer func(MailSettings) Mailer) *App {
	a.mailer = sync.OnceValue(func() Mailer {
		return newMailer(MailSettings{
			Region:           region.value(),
			Credentials:      environmentCredentials(),
			Endpoint:         endpoint(sesEndpoint),
			From:             mailFrom.value(),
			PublicURL:        origin(),
			ConfigurationSet: configurationSet.value(),
		})
	})
	return a
}

// environmentCredentials are those that Lambda sets for a function's life. The SDK's
// config package would find them too, and slow every cold start by looking elsewhere.
func environmentCredentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(
		os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN"))
}

func endpoint(v Variable) *string {
	if url := v.value(); url != "" {
		return &url
	}
	return nil
}

// origin is the configured public URL. Links and the protection against other sites rest
// on it, so it must be an origin and nothing more.
func origin() string {
	u, err := url.Parse(publicURL.value())
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil {
		fail("the environment variable " + publicURL.Name + " is not an origin such as https://team.acme.example")
	}
	return u.String()
}

// Store is the table.
func (a *App) Store() *store.Store { return a.store() }

// API is what every function that answers requests needs.
func (a *App) API() web.Config {
	return web.Config{
		Auth:      authn.Authenticator{Store: a.store(), Now: a.now},
		Receipts:  a.store(),
		Now:       a.now,
		PublicURL: a.publicURL(),
	}
}
