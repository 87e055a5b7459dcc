// docs tells about the API.
package main

import (
	"github.com/nemorouter/nemo-team/internal/wiring"
	"github.com/nemorouter/nemo-team/internal/wiring/site"
)

func main() { wiring.New().Serve(site.Docs()) }
