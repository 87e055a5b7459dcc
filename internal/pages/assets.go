package pages

import (
	"embed"

	"github.com/nemorouter/nemo-team/internal/asset"
)

//go:embed assets
var assetFiles embed.FS

// assets are the style sheets, the script and the icon of all pages.
var assets = asset.NewSet("/assets/", assetFiles)
