// budgets is for limits on spend.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Serve(app.Budgets())
}
