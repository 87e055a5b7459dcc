package docs

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

//go:embed assets
var assetFiles embed.FS

// AssetPattern is where Assets wants to be mounted.
const AssetPattern = "GET " + assetRoot + "{file}"

const assetRoot = "/docs/"

// asset is a file that never changes under its name: the name holds its content's hash.
type asset struct {
	source      string // its name in the folder
	contentType string
	content     []byte
}

// assetsByName are the assets as browsers ask for them.
var assetsByName = sync.OnceValue(func() map[string]asset {
	return map[string]asset{
		hashed("docs.css"): {"docs.css", "text/css; charset=utf-8", read("docs.css")},
		hashed("mark.svg"): {"mark.svg", "image/svg+xml", read("mark.svg")},
	}
})

func read(source string) []byte {
	content, err := assetFiles.ReadFile("assets/" + source)
	if err != nil {
		panic(err) // it is embedded
	}
	return content
}

func hashed(source string) string {
	sum := sha256.Sum256(read(source))
	ext := path.Ext(source)
	return strings.TrimSuffix(source, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

// assetURL is the template function `asset`.
func assetURL(source string) (string, error) {
	name := hashed(source)
	if _, ok := assetsByName()[name]; !ok {
		return "", fmt.Errorf("no asset %q", source)
	}
	return assetRoot + name, nil
}

// Assets serves the page's style sheet and icon; missing answers for anything else.
func Assets(missing http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assetsByName()[r.PathValue("file")]
		if !ok {
			missing.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", a.contentType)
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, a.source, time.Time{}, bytes.NewReader(a.content))
	})
}
