package quickread

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
)

func options(endpoint string, with aws.Credentials) dynamodb.Options {
	o := dynamodb.Options{
		Region:      "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider(with.AccessKeyID, with.SecretAccessKey, with.SessionToken),
	}
	if endpoint != "" {
		o.BaseEndpoint = &endpoint
	}
	return dynamodb.New(o).Options()
}

var keys = []aws.Credentials{
	{AccessKeyID: "AKID", SecretAccessKey: "secret"},
	{AccessKeyID: "AKID", SecretAccessKey: "other"},
	{AccessKeyID: "ASIA", SecretAccessKey: "secret", SessionToken: "a/token+of=a session"},
}

// Requests are signed as the SDK's signer signs them.
func TestSign_asTheSDKDoes(t *testing.T) {
	for _, with := range keys {
		for _, now := range []time.Time{time.Unix(1, 0), time.Date(2026, 12, 31, 23, 59, 59, 9, time.FixedZone("", 3600))} {
			for _, body := range []string{"", `{"RequestItems":{}}`} {
				c := New(options("", with))
				got := c.sign(now, with, []byte(body))
				r := httptest.NewRequest("POST", c.endpoint.String(), nil)
				r.Header.Set("Content-Type", contentType)
				r.Header.Set("X-Amz-Target", target)
				sum := sha256.Sum256([]byte(body))
				if err := v4.NewSigner().SignHTTP(context.Background(), with, r, hex.EncodeToString(sum[:]), service, "eu-central-1", now.UTC()); err != nil {
					t.Fatal(err)
				}
				for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
					if got.Get(name) != r.Header.Get(name) {
						t.Errorf("%s:\n%s\n%s", name, got.Get(name), r.Header.Get(name))
					}
				}
			}
		}
	}
}

// The signing key follows the day and the credentials.
func TestSign_anotherDay(t *testing.T) {
	c := New(options("", keys[0]))
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	first := c.sign(day, keys[0], nil).Get("Authorization")
	if c.sign(day.AddDate(0, 0, 1), keys[0], nil).Get("Authorization") == first || c.sign(day, keys[1], nil).Get("Authorization") == first {
		t.Error("the key is kept too long")
	}
	if c.sign(day, keys[0], nil).Get("Authorization") != first {
		t.Error("the same request is signed in another way")
	}
}

func TestNew_goesWhereTheSDKGoes(t *testing.T) {
	if got := New(options("", keys[0])).endpoint.String(); got != "https://dynamodb.eu-central-1.amazonaws.com/" {
		t.Error(got)
	}
	if got := New(options("http://engine.test:8000", keys[0])).endpoint.String(); got != "http://engine.test:8000/" {
		t.Error(got)
	}
}

type row map[string]Value

func (r *row) Set(name string, v Value) {
	if *r == nil {
		*r = row{}
	}
	(*r)[name] = v
}

func TestGet(t *testing.T) {
	var asked map[string]map[string]struct {
		ConsistentRead       bool
		ProjectionExpression string
		Keys                 []map[string]struct{ S string }
	}
	answers := []string{
		`503 down`, `400 {"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}`,
		`200 {"Responses":{"t":[{"pk":{"S":"\u00e4\"b"},"N":{"N":"7"},"L":{"L":[{"S":"x"}]},"more":{"M":{}}},{"L":{"NULL":true}}]},
			"UnprocessedKeys":{"t":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"s"}}]}}}`,
	}
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscan(answers[calls], &status)
		body := answers[calls][4:]
		calls++
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	defer server.Close()
	c := New(options(server.URL, keys[0]))
	a, err := Get[row](t.Context(), c, Request{Table: "t", Projection: `"ProjectionExpression":"pk"`, Keys: []Key{{"a\"\n☃", "b"}, {"c", "d"}}})
	if err != nil || calls != 3 {
		t.Fatal(err, calls)
	}
	if len(a.Items) != 2 || a.Items[0]["pk"].Text != `ä"b` || a.Items[0]["N"].Number != 7 || a.Items[0]["L"].List[0] != "x" || a.Unprocessed[0] != (Key{"p", "s"}) {
		t.Errorf("%+v", a)
	}
	in := asked["RequestItems"]["t"]
	if !in.ConsistentRead || in.ProjectionExpression != "pk" || len(in.Keys) != 2 || in.Keys[0]["pk"].S != "a\"\n☃" || in.Keys[1]["sk"].S != "d" {
		t.Errorf("%+v", in)
	}
}

// What will not pass is not tried again, and is the SDK's kind of error.
func TestGet_fails(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		calls  int
		code   string
	}{
		{400, `{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}`, 1, "ValidationException"},
		{400, `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}`, attempts, "ProvisionedThroughputExceededException"},
		{500, `{"__type":"x#InternalServerError"}`, attempts, "InternalServerError"},
		{502, `<html>`, attempts, "ServiceUnavailable"},
		{403, ``, 1, ""},
	} {
		calls := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		}))
		_, err := Get[row](t.Context(), New(options(server.URL, keys[0])), Request{Table: "t", Projection: `"ProjectionExpression":"pk"`, Keys: []Key{{"a", "b"}}})
		server.Close()
		var api smithy.APIError
		if !errors.As(err, &api) || api.ErrorCode() != c.code || calls != c.calls {
			t.Errorf("%d %s: %v after %d calls", c.status, c.body, err, calls)
		}
	}
}

// An answer that is not what its sender sent is no answer.
func TestWhole(t *testing.T) {
	body := strings.Repeat("x", 5000)
	for _, c := range []struct {
		crc    string
		length int64
		fine   bool
	}{{"", -1, true}, {"", 5000, true}, {"", 10, true}, {"1", 5000, false}, {"2157104438", 5000, false}} {
		got, err := whole(&http.Response{
			Header: http.Header{"X-Amz-Crc32": {c.crc}}, ContentLength: c.length, Body: io.NopCloser(strings.NewReader(body)),
		})
		if (err == nil) != c.fine || c.fine && string(got) != body {
			t.Errorf("%+v: %v, %d bytes", c, err, len(got))
		}
	}
}

func FuzzAppendText(f *testing.F) {
	f.Add("plain")
	f.Add("a\"\\\n\x00☃\xff<&>")
	f.Fuzz(func(t *testing.T, s string) {
		b := appendText([]byte("["), s)
		var got []string
		if err := json.Unmarshal(append(bytes.Clone(b), ']'), &got); err != nil || got[0] != string([]rune(s)) {
			t.Errorf("%q became %s: %v", s, b, err)
		}
	})
}

// What is read is what encoding/json reads, and what it refuses is refused.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"Responses":{"t":[]},"UnprocessedKeys":{}}`, `{"Responses":{"t":[{"pk":{"S":"a\u00e4\""},"n":{"N":"-7"}}]}}`,
		` { "Responses" : { "u" : [ 1.5e3 , true , null ] , "t" : [ { } , { "l" : { "L" : [ { "S" : "x" } , { "NULL" : true } ] } } ] } } `,
		`{"UnprocessedKeys":{"t":{"ConsistentRead":true,"Keys":[{"pk":{"S":"p"},"sk":{"S":"s"}}]}}}`,
		`{"ConsumedCapacity":[{"CapacityUnits":1.0}]}`, `{"Responses":{"t":[{"n":{"N":"1.5"}}]}}`, `{"Responses"`, `[]`, "", `{"a":"\`,
		"{\"Responses\":{\"t\":[{\"\x8d\":{\"S\":\"\\b\"},\"n\":{\"S\":\"\xff\"}}]}}", `{"Responses":{"t":[{"n":{"s":"x"}}]}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parse[row](s, "t")
		if err != nil {
			return
		}
		if !json.Valid([]byte(s)) {
			t.Fatalf("%q is no JSON", s)
		}
		var d map[string]json.RawMessage // maps: in structs, names may be in another case
		var tables map[string]json.RawMessage
		var items []map[string]map[string]json.RawMessage
		_ = json.Unmarshal([]byte(s), &d)
		_ = json.Unmarshal(d["Responses"], &tables)
		if json.Unmarshal(tables["t"], &items) != nil || len(items) != len(a.Items) {
			return // names that come twice
		}
		for i, item := range items {
			for name, v := range item {
				var want string
				_ = json.Unmarshal(v["S"], &want)
				if got := a.Items[i][name]; got.Text != want {
					t.Errorf("%q: %q is %+v, not %q", s, name, got, want)
				}
			}
		}
	})
}
