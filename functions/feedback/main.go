// feedback takes in bounces and complaints, which SES sends through SNS.
package main

import "github.com/nemorouter/nemo-team/internal/wiring"

func main() {
	app := wiring.New()
	app.Run(app.Feedback().Receive)
}
