package docs

import (
	"embed"

	"github.com/nemorouter/nemo-team/internal/asset"
)

//go:embed assets
var assetFiles embed.FS

// Assets are the page's style sheet and icon.
var Assets = asset.NewSet("/docs/", assetFiles)
