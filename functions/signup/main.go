// signup founds organizations.
package main

import "github.com/nemorouter/nemo-team/internal/wiring/mailing"

func main() {
	app := mailing.New()
	app.Serve(app.Signup())
}
