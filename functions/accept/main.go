// accept serves what an invitee can do with the link in their email.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Serve(app.Accept())
}
