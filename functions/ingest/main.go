// ingest counts what the gateway's requests cost.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Serve(app.Ingest())
}
