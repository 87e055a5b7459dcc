package engine

import (
	"context"
	"fmt"
	"os"
	"time"
)

// TestVariable names the environment variable by which a whole test run shares
// one engine: it holds the endpoint.
const TestVariable = "NEMO_TEST_DYNAMODB"

// fetchTimeout bounds a first start, which downloads the engine and may install
// a Java runtime.
const fetchTimeout = 5 * time.Minute

// ForTests returns the endpoint of the engine that the test run shares, or else
// of one in memory that it starts for this process. Call it once per process
// and call stop at the end.
func ForTests() (endpoint string, stop func(), err error) {
	if shared := os.Getenv(TestVariable); shared != "" {
		return shared, func() {}, nil
	}
	return own()
}

func own() (endpoint string, stop func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	e, err := Start(ctx, Options{Log: os.Stderr})
	if err != nil {
		return "", nil, err
	}
	return e.Endpoint(), func() { _ = e.Stop() }, nil
}

// Main runs a package's tests, such as a *testing.M, with an engine for each of uses, which is
// told of its endpoint, and ends the program. One alone may be the one that the test run shares;
// several are the package's own. Call it from TestMain.
func Main(tests interface{ Run() int }, uses ...func(endpoint string)) {
	start := ForTests
	if len(uses) > 1 {
		start = own
	}
	var stops []func()
	for _, use := range uses {
		endpoint, stop, err := start()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		use(endpoint)
		stops = append(stops, stop)
	}
	code := tests.Run()
	for _, stop := range stops {
		stop()
	}
	os.Exit(code)
}
