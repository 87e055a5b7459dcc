package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/nemorouter/nemo-team/internal/dev/setup"
)

const table = "things"

func TestStart_keepsItemsAndFreesThePort(t *testing.T) {
	e := start(t, Options{})
	createTable(t, e)
	put(t, e, "a")
	if !has(t, e, "a") {
		t.Error("the item is gone")
	}
	if err := e.Stop(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", e.port))
	if err != nil {
		t.Fatalf("the port is not free: %v", err)
	}
	l.Close()
	if err := e.Stop(); err != nil {
		t.Errorf("a second Stop: %v", err)
	}
}

func TestStart_dataOnDiskSurvives(t *testing.T) {
	o := Options{Dir: t.TempDir()}
	first := start(t, o)
	createTable(t, first)
	put(t, first, "stopped")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, o)
	put(t, second, "killed")
	second.Kill()
	third := start(t, o)
	for _, id := range []string{"stopped", "killed"} {
		if !has(t, third, id) {
			t.Errorf("the item %q is gone", id)
		}
	}
}

func TestStop_tellsThatTheEngineDied(t *testing.T) {
	e := start(t, Options{})
	if err := syscall.Kill(e.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-e.child.done
	if err := e.Stop(); err == nil || !strings.Contains(err.Error(), "died") {
		t.Errorf("Stop = %v, want an error that says that the engine died", err)
	}
}

// A port that was asked for and is taken, even by another engine, is an error.
func TestStart_portTaken(t *testing.T) {
	first := start(t, Options{})
	_, err := Start(t.Context(), Options{Port: first.port})
	if !errors.Is(err, errPortTaken) || !strings.Contains(err.Error(), "Address already in use") {
		t.Errorf("err = %v, want %v and the engine's own words", err, errPortTaken)
	}
}

func TestStart_givesUpWithTheContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Start(ctx, Options{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestEmulator_isWhole(t *testing.T) {
	home, err := setup.Fetch(t.Context(), emulator, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{jarName, "DynamoDBLocal_lib/sqlite4java.jar"} {
		if _, err := os.Stat(filepath.Join(home, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestForTests_shared(t *testing.T) {
	t.Setenv(TestVariable, "http://127.0.0.1:1")
	endpoint, stop, err := ForTests()
	if err != nil || endpoint != "http://127.0.0.1:1" {
		t.Errorf("ForTests = %q, %v", endpoint, err)
	}
	stop()
}

func start(t *testing.T, o Options) *Engine {
	t.Helper()
	began := time.Now()
	e, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(e.Kill)
	return e
}

func client(e *Engine) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(e.Endpoint()),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func createTable(t *testing.T, e *Engine) {
	t.Helper()
	_, err := client(e).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func key(id string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: id}}
}

func put(t *testing.T, e *Engine, id string) {
	t.Helper()
	_, err := client(e).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: key(id)})
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, e *Engine, id string) bool {
	t.Helper()
	out, err := client(e).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(table), Key: key(id), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item != nil
}
