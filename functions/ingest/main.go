// ingest counts what the gateway's requests cost.
package main

import "github.com/nemorouter/nemo-team/internal/wiring/mailing"

func main() {
	app := mailing.New()
	app.Serve(app.Ingest())
}
