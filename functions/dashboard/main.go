// dashboard serves the pages that people see.
package main

import (
	"github.com/nemorouter/nemo-team/internal/wiring/mailing"
	"github.com/nemorouter/nemo-team/internal/wiring/site"
)

func main() {
	app := mailing.New()
	app.Serve(site.Dashboard(app))
}
