// sessions signs people in and out.
package main

import "github.com/nemorouter/nemo-team/internal/wiring/mailing"

func main() {
	app := mailing.New()
	app.Serve(app.Sessions())
}
