package functions_test

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/dev/engine"
	"github.com/nemorouter/nemo-team/internal/dev/runtimeapi"
	"github.com/nemorouter/nemo-team/internal/dev/sesmail"
	"github.com/nemorouter/nemo-team/internal/gateway"
	"github.com/nemorouter/nemo-team/internal/ident"
	"github.com/nemorouter/nemo-team/internal/store"
)

const publicURL = "https://team.acme.example"

// table is this run's own: the engine may be shared, and these tests sweep.
var table = "functions-" + ident.New(time.Now())

// The world: where the binaries are, what they are configured with, what the gateway sends,
// and the mail that the functions send.
var (
	binaries     string
	environment  []string
	gatewayToken string
	mailbox      *sesmail.Mailbox
	db           *dynamodb.Client
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if binaries, err = os.MkdirTemp("", "functions-*"); err != nil {
		return 0, err
	}
	defer os.RemoveAll(binaries)
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binaries+"/", "./...")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		return 0, err
	}
	endpoint, stop, err := engine.ForTests()
	if err != nil {
		return 0, err
	}
	defer stop()
	if err := createTable(endpoint); err != nil {
		return 0, err
	}
	if mailbox, err = sesmail.Open(""); err != nil {
		return 0, err
	}
	ses := httptest.NewServer(sesmail.NewServer(mailbox))
	defer ses.Close()
	environment = []string{
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=functions", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_ENDPOINT_URL_DYNAMODB=" + endpoint, "AWS_ENDPOINT_URL_SES=" + ses.URL,
		"NEMO_TABLE=" + table, "NEMO_PUBLIC_URL=" + publicURL, "NEMO_MAIL_FROM=team@acme.example",
		"NEMO_FEEDBACK_TOPIC=arn:aws:sns:us-east-1:123456789012:nemo-team-mail-feedback",
	}
	return m.Run(), nil
}

// createTable makes the table, and in it the gateway's token, which no function makes.
func createTable(endpoint string) error {
	db = dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(endpoint),
		Credentials: credentials.NewStaticCredentialsProvider("functions", "secret", ""),
	})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := store.CreateTable(ctx, db, table); err != nil {
		return err
	}
	var err error
	gatewayToken, err = gateway.Rotator{Store: store.New(db, table), Now: time.Now}.Rotate(ctx)
	return err
}

// invoke runs the function's binary for one event, with more environment on top.
func invoke(t testing.TB, function string, event []byte, env ...string) runtimeapi.Result {
	t.Helper()
	r, err := runtimeapi.Invoke(t.Context(), filepath.Join(binaries, function), slices.Concat(environment, env), event)
	if err != nil {
		t.Fatalf("%s: %v\n%s", function, err, r.Logs)
	}
	return r
}

// addSum gives an org a sum of this month that no event is in, and returns the key's id. The
// test's end takes it away.
func addSum(t testing.TB, orgID string) (keyID string) {
	t.Helper()
	keyID = ident.New(time.Now())
	at := map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: store.Spend + orgID + "#" + time.Now().UTC().Add(-24*time.Hour).Format("2006-01")},
		"sk": &types.AttributeValueMemberS{Value: "KEY#" + keyID + "#00"},
	}
	row := maps.Clone(at)
	row["r02"], row["c02"] = &types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberN{Value: "1"}
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: row}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteItem(context.Background(), &dynamodb.DeleteItemInput{TableName: &table, Key: at}); err != nil {
			t.Error(err)
		}
	})
	return keyID
}

// lastLink returns the token of the link in the last mail to an address.
func lastLink(t testing.TB, to, page string) string {
	t.Helper()
	mails := mailbox.List(to)
	if len(mails) == 0 {
		t.Fatalf("no mail to %s", to)
	}
	found := regexp.MustCompile(regexp.QuoteMeta(publicURL+page) + `(\S+)`).FindStringSubmatch(mails[0].Text)
	if found == nil {
		t.Fatalf("no link to %s in %q", page, mails[0].Text)
	}
	return found[1]
}

// owner is who founded the organization that the tests act in.
type owner struct {
	session string // its token
	key     string // of scope manage
}

// shared is an owner whom many tests act as, of an organization that the first of them makes.
type shared struct {
	once  sync.Once
	owner *owner
}

func (s *shared) get(t testing.TB, found func(testing.TB) owner) owner {
	t.Helper()
	s.once.Do(func() {
		o := found(t)
		s.owner = &o
	})
	if s.owner == nil {
		t.Fatal("there is no organization: making it has failed")
	}
	return *s.owner
}

var founding shared

// founded returns the owner of an organization that came to be through the functions alone.
func founded(t testing.TB) owner {
	t.Helper()
	return founding.get(t, found)
}

func found(t testing.TB) owner { return foundBy(t, sample(t, "signup"), "ada@acme.com") }

// foundBy founds an organization with a request that names the address.
func foundBy(t testing.TB, signUp event, address string) (o owner) {
	t.Helper()
	signUp.call(t, "signup").want(t, 202)
	confirm := request(t, "POST", "/v1/signup/confirm").json(t, map[string]any{"token": lastLink(t, address, "/signup/")})
	o.session = field[string](t, confirm.call(t, "signup").want(t, 201), "session", "token")
	o.key = o.newKey(t, "manage")
	return o
}

// newKey creates a key of the owner with the scope.
func (o owner) newKey(t testing.TB, scope string) (key string) {
	t.Helper()
	create := request(t, "POST", "/v1/keys").bearing(o.session)
	a := create.json(t, map[string]any{"name": "functions", "scopes": []string{scope}}).call(t, "keys").want(t, 201)
	return field[string](t, a, "key")
}

// org tells of the owner's organization: its id, or its slug.
func (o owner) org(t testing.TB, name string) string {
	t.Helper()
	return field[string](t, request(t, "GET", "/v1/org").bearing(o.key).call(t, "org").want(t, 200), name)
}
