// Package asset serves style sheets, scripts and images. Their names hold the hash of their
// content, so browsers keep them for ever. It also holds what all pages have in common: the
// design tokens and the mark.
package asset

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed shared
var sharedFiles embed.FS

// Set is what one folder holds, and what all sets share.
type Set struct {
	root  string
	files func() map[string]file // by source; made when first asked for: a cold start waits for none
}

// NewSet returns the files of a folder named assets, to be served below the path root.
func NewSet(root string, folder fs.FS) Set {
	return Set{root, sync.OnceValue(func() map[string]file {
		shared := read(sharedFiles, "shared")
		all := read(folder, "assets")
		maps.Copy(all, shared)
		files := map[string]file{}
		for source, content := range all {
			files[source] = newFile(source, whole(content, shared))
		}
		return files
	})}
}

// read returns what a folder holds, by name.
func read(from fs.FS, folder string) map[string][]byte {
	contents := map[string][]byte{}
	entries, err := fs.ReadDir(from, folder)
	if err != nil {
		panic(err) // it is embedded
	}
	for _, e := range entries {
		if contents[e.Name()], err = fs.ReadFile(from, path.Join(folder, e.Name())); err != nil {
			panic(err)
		}
	}
	return contents
}

// whole puts what a style sheet imports of the shared files in its place. A browser that had
// to ask for it would show the page later.
func whole(content []byte, shared map[string][]byte) []byte {
	for name, imported := range shared {
		content = bytes.ReplaceAll(content, fmt.Appendf(nil, "@import %q;\n", name), imported)
	}
	return content
}

// file is an asset.
type file struct {
	name string // such as app.0123456789abcdef.css
	Document
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func newFile(source string, content []byte) file {
	ext := path.Ext(source)
	sum := sha256.Sum256(content)
	return file{
		strings.TrimSuffix(source, ext) + "." + hex.EncodeToString(sum[:8]) + ext,
		NewDocument(contentTypes[ext], content),
	}
}

// URL is where the asset made of a source is, such as /assets/app.0123456789abcdef.css.
func (s Set) URL(source string) (string, error) {
	f, ok := s.files()[source]
	if !ok {
		return "", fmt.Errorf("no asset %q", source)
	}
	return s.root + f.name, nil
}

// Pattern is where Handler wants to be mounted.
func (s Set) Pattern() string { return "GET " + s.root + "{file}" }

// Handler serves the assets; missing answers for any other name.
func (s Set) Handler(missing http.Handler) http.Handler {
	byName := sync.OnceValue(func() map[string]file {
		files := map[string]file{}
		for _, f := range s.files() {
			files[f.name] = f
		}
		return files
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := byName()[r.PathValue("file")]
		if !ok {
			missing.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		f.ServeHTTP(w, r)
	})
}
