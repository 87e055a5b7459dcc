package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var assetFiles embed.FS

const assetRoot = "/assets/"

// asset is a file that never changes under its name: the name holds its content's hash.
type asset struct {
	name        string // such as app.0123456789abcdef.css
	contentType string
	content     []byte
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// assetsBySource finds assets for templates, assetsByName for browsers.
var assetsBySource, assetsByName = loadAssets()

func loadAssets() (bySource, byName map[string]asset) {
	bySource, byName = map[string]asset{}, map[string]asset{}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		content, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		a := newAsset(e.Name(), content)
		bySource[e.Name()], byName[a.name] = a, a
	}
	return bySource, byName
}

func newAsset(source string, content []byte) asset {
	ext := path.Ext(source)
	sum := sha256.Sum256(content)
	return asset{
		name:        fmt.Sprintf("%s.%s%s", strings.TrimSuffix(source, ext), hex.EncodeToString(sum[:8]), ext),
		contentType: contentTypes[ext],
		content:     content,
	}
}

// assetURL is the template function `asset`.
func assetURL(source string) (string, error) {
	a, ok := assetsBySource[source]
	if !ok {
		return "", fmt.Errorf("no asset %q", source)
	}
	return assetRoot + a.name, nil
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := assetsByName[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.content))
}
