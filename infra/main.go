// infra is the CDK app: everything that one stage has in AWS. The command line tool runs it,
// as cdk.json says; `make synth`, `make diff` and `make deploy` run the tool.
//
// Read rows.go first: the functions, their routes, their grants and their alarms all come
// from its one table. Settings come by context, such as -c stage=prod; see settings.go.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes the template. With the word check, and settings as the CDK takes them, it only
// looks at the settings: that is quick enough to come before the binaries are built.
func run(args []string) error {
	if len(args) > 0 && args[0] == "check" {
		_, err := readSettings(flags(args[1:]))
		return err
	}
	s, err := readSettings(context(os.Getenv(contextVariable)))
	if err != nil {
		return err
	}
	if err := checkBuilt(s.dist); err != nil {
		return err
	}
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	newStack(app, s)
	app.Synth(nil)
	return nil
}

// contextVariable is where the command line tool leaves the context. Reading it here finds
// mistakes before the CDK starts.
const contextVariable = "CDK_CONTEXT_JSON"

// context finds values in a JSON object; those that are no strings are not ours.
func context(object string) func(string) string {
	values := map[string]any{}
	_ = json.Unmarshal([]byte(object), &values) // without values, each is reported missing
	return func(name string) string {
		value, _ := values[name].(string)
		return value
	}
}

// flags finds values among arguments of the form -c name=value.
func flags(args []string) func(string) string {
	values := map[string]string{}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

// checkBuilt tells which binaries are missing before the CDK stumbles over them.
func checkBuilt(dist string) error {
	var missing []error
	for _, r := range rows {
		binary := filepath.Join(dist, r.name, "bootstrap")
		if _, err := os.Stat(binary); err != nil {
			missing = append(missing, fmt.Errorf("%s is missing: run `make build` first", binary))
		}
	}
	return errors.Join(missing...)
}
