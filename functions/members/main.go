// members serves the people of an organization.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Serve(app.Members())
}
