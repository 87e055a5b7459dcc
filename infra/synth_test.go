package main

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/nemorouter/nemo-team/internal/apitest"
)

var rewrite = flag.Bool("update", false, "rewrite the golden list of resources")

// resource is one resource of a template.
type resource struct {
	Type                string
	Properties          map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// made is a synthesised stack.
type made struct {
	assertions.Template
	resources map[string]resource
	outputs   map[string]any
	text      string
}

// prod, dev and full are made once: each takes a second of Node's time.
var prod, dev, full made

// required is the least that must be set.
func required(stage string) map[string]string {
	return map[string]string{"stage": stage, "publicUrl": "https://team.acme.com", "mailFrom": "team@mail.acme.com"}
}

func TestMain(m *testing.M) {
	flag.Parse()
	dist, err := os.MkdirTemp("", "dist")
	if err != nil {
		panic(err)
	}
	placeBinaries(dist)
	everything := required("prod")
	everything["mailIdentity"] = "acme.com"
	everything["certificateArn"] = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b"
	everything["corsOrigins"] = "https://acme.com,https://console.acme.com"
	everything["tableKeyArn"] = "arn:aws:kms:eu-west-1:123456789012:key/0a1b"
	everything["alarmMail"] = "ops@acme.com"
	everything["sweepMinutes"] = "1"
	everything["reserveConcurrency"] = "no"
	everything["NEMO_INVITATION_TTL"] = "72h"
	development := required("dev")
	development["publicUrl"] = autoURL
	prod, dev, full = synth(dist, required("prod")), synth(dist, development), synth(dist, everything)
	os.RemoveAll(dist)
	apitest.Main(m) // with an engine, for the grants
}

// placeBinaries stands in for `make build`.
func placeBinaries(dist string) {
	for _, r := range rows {
		dir := filepath.Join(dist, r.name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			panic(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "bootstrap"), []byte(r.name), 0o755); err != nil {
			panic(err)
		}
	}
}

func synth(dist string, context map[string]string) made {
	s, err := readSettings(func(name string) string { return context[name] })
	if err != nil {
		panic(err)
	}
	s.dist = dist
	app := awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})
	t := assertions.Template_FromStack(newStack(app, s), nil)
	text, err := json.Marshal(t.ToJSON())
	if err != nil {
		panic(err)
	}
	var parsed struct {
		Resources map[string]resource
		Outputs   map[string]any
	}
	if err := json.Unmarshal(text, &parsed); err != nil {
		panic(err)
	}
	return made{t, parsed.Resources, parsed.Outputs, string(text)}
}

// ofType returns the resources of one type, by logical id.
func (m made) ofType(kind string) map[string]resource {
	found := map[string]resource{}
	for id, r := range m.resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// function returns the function of a row.
func (m made) function(t *testing.T, name string) resource {
	t.Helper()
	for _, r := range m.ofType("AWS::Lambda::Function") {
		if r.Properties["Description"] == "nemo-team: "+name {
			return r
		}
	}
	t.Fatalf("there is no function %s", name)
	return resource{}
}

// A changed logical id is a new resource in place of the old one: of a table, an empty one.
func TestResources_golden(t *testing.T) {
	const file = "testdata/resources.golden"
	var lines []string
	for id, r := range prod.resources {
		lines = append(lines, r.Type+" "+id+"\n")
	}
	slices.Sort(lines)
	got := strings.Join(lines, "")
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the resources changed; if that is meant, look at the difference after `go test ./infra -run golden -update`\n%s", difference(string(want), got))
	}
}

// difference lists the lines that only one of the two has.
func difference(want, got string) string {
	var b strings.Builder
	was, is := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			b.WriteString("- " + line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			b.WriteString("+ " + line)
		}
	}
	return b.String()
}
