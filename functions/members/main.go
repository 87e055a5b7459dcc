// members serves the people of an organization.
package main

import "github.com/nemorouter/nemo-team/internal/wiring/mailing"

func main() {
	app := mailing.New()
	app.Serve(app.Members())
}
