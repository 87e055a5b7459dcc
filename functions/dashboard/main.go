// dashboard serves the pages that people see.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Serve(app.Dashboard())
}
